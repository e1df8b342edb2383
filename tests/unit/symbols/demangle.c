/*
 * Tests of symbols/demangle.c. The names of Rust are those of its own tests and of rustc 1.63; what is expected of each
 * is what c++filt says, without the hashes.
 */
#include "symbols/demangle.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/random.h"

static struct store store;

Test(symbols_demangle, knows_cxx_and_both_of_rust) {
  static const char *const cases[][2] = {
      {"_Z5parsePKc", "parse(char const*)"},
      {"_ZN3app5Cache6insertEi", "app::Cache::insert(int)"},
      {"_ZNK3app5Cache4nameB5cxx11Ev", "app::Cache::name[abi:cxx11]() const"},
      {"_ZN3app12_GLOBAL__N_13runEv", "app::(anonymous namespace)::run()"},
      {"_ZN3app5Cache6insertEi.cold", "app::Cache::insert(int) [clone .cold]"},
      {"_Z3addIiET_S0_S0_", "int add<int>(int, int)"},
      {"_ZZN3app3runEiENKUliE_clEi", "app::run(int)::{lambda(int)#1}::operator()(int) const"},
      {"_ZN3std2io5stdio6_print17h1234567890abcdefE", "std::io::stdio::_print"},
      {"_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$"
       "17h0123456789abcdefE",
       "core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>"},
      {"_RNvCsdBezzDwma51_3foo3bar", "foo::bar"},
      {"_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"},
      {"_RNCNvCsdBezzDwma51_3foo3bar0", "foo::bar::{closure#0}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *name = demangle(cases[i][0], &store);
    cr_assert_not_null(name, "%s", cases[i][0]);
    cr_expect_str_eq(name, cases[i][1], "%s: %s", cases[i][0], name);
  }
  store_free(&store);
}

Test(symbols_demangle, leaves_other_names_alone) {
  static const char *const names[] = {"", "_", "main", "_Z", "_R", "_Zzz", "_start", "Z3foov", "__Z3foov"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    cr_expect_null(demangle(names[i], &store), "%s", names[i]);
  }
}

static const char *repeat(const char *begin, const char *part, size_t count, const char *end) {
  static char text[65536];
  size_t at = (size_t)sprintf(text, "%s", begin);
  for (size_t i = 0; i < count; i++) at += (size_t)sprintf(text + at, "%s", part);
  sprintf(text + at, "%s", end);
  return text;
}

Test(symbols_demangle, knows_long_names) {
  const char *name = demangle(repeat("_ZN", "8longname", 400, "3runEv"), &store);
  cr_assert_not_null(name);
  cr_expect_eq(strlen(name), 400 * strlen("longname::") + strlen("run()"));
  cr_expect_null(demangle(repeat("_ZN", "8longname", 4000, "3runEv"), &store));
  store_free(&store);
}

/* Each argument is a pair of the one before: a name of 20 of them would have a million words. */
Test(symbols_demangle, gives_up_names_that_explode, .timeout = 60) {
  char name[4096] = "_Z1f1PI1aS_E", digit[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (size_t i = 0; i < 30; i++) sprintf(name + strlen(name), "S_IS%c_S%c_E", digit[i], digit[i]);
  cr_expect_null(demangle(name, &store));
  cr_expect_null(demangle(repeat("_R", "B_", 3000, ""), &store));
  cr_expect_null(demangle(repeat("_RINv", "B_", 500, ""), &store));
}

Test(symbols_demangle, survives_anything, .timeout = 120) {
  static const char *const begin[] = {"_Z1f",  "_ZN",  "_Z1fI",  "_R", "_RNv",
                                      "_RINv", "_ZNK", "_Z1fIX", "_Z", "_ZTI"};
  static const char *const part[] = {"P",  "N",    "I",  "NS_", "1aI", "1a", "T_", "K",  "cv",
                                     "Dp", "DpT_", "S_", "L",   "ad",  "sr", "F",  "A_", "Z",
                                     "RS", "NtC",  "X",  "S0_", "J",   "M",  "Uv", "B_"};
  static char name[8192];
  struct random random = {.seed = 5};
  for (int round = 0; round < 20000; round++) {
    size_t most = random_next(&random) % (round % 8 ? 300 : 8000);
    size_t at = (size_t)sprintf(name, "%s", begin[random_next(&random) % (sizeof begin / sizeof *begin)]);
    const char *same = round % 3 ? NULL : part[random_next(&random) % (sizeof part / sizeof *part)];
    while (at < most) {
      const char *next = same ? same : part[random_next(&random) % (sizeof part / sizeof *part)];
      at += (size_t)sprintf(name + at, "%s", next);
    }
    const char *text = demangle(name, &store);
    cr_expect(!text || strlen(text) <= 32768);
    if (round % 1000 == 0) store_free(&store);
  }
  store_free(&store);
}
