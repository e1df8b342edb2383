/*
 * Tests of config/cxx_name.c: what is written for a C++ name, and which symbols of gcc and clang it fits. The symbols
 * were taken with nm from the functions that tests/system/config.bats compiles; there they are made anew.
 */
#include "config/cxx_name.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

static struct fault fault;

static char *written(const char *name, const char *prefix) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  int error = cxx_name_write(stretch_of(name), prefix, to, &fault);
  fclose(to);
  cr_assert_eq(error, 0, "%s: %s", name, fault.words);
  return text;
}

Test(cxx_name, is_one_with_colons) {
  cr_expect(cxx_name_is(stretch_of("a::b")));
  cr_expect(cxx_name_is(stretch_of("::b")));
  cr_expect_not(cxx_name_is(stretch_of("_ZN1a1bEv")));
  cr_expect_not(cxx_name_is(stretch_of("a:b")));
  cr_expect_not(cxx_name_is((struct stretch){"a::b", 2}));
}

Test(cxx_name, is_written_as_a_mangled_glob) {
  static const char *const cases[][2] = {
      {"app::Cache::*", "fn:_ZN*3app5Cache*"},
      {"::app::Cache::*", "fn:_ZN*3app5Cache*"},
      {"app::*", "fn:_ZN*3app*"},
      {"app::run", "fn:_ZN*3app3run[BEI]*"},
      {"app::Cache::insert", "fn:_ZN*3app5Cache6insert[BEI]*"},
      {"app::Cache::ins*", "fn:_ZN*3app5Cache*[0-9]ins*"},
      {"app::Cache::*sert", "fn:_ZN*3app5Cache*sert[BEI]*"},
      {"app::Cache::?nsert", "fn:_ZN*3app5Cache*[0-9]?nsert[BEI]*"},
      {"app::Cache::[ir]*", "fn:_ZN*3app5Cache*[0-9][ir]*"},
      {"app::*::insert", "fn:_ZN*3app*6insert[BEI]*"},
      {"app::Ca*::insert", "fn:_ZN*3app*[0-9]Ca*6insert[BEI]*"},
      {"*::insert", "fn:_ZN*6insert[BEI]*"},
      {"ap*::insert", "fn:_ZN*[0-9]ap*6insert[BEI]*"},
      {"app::Cache::Cache", "fn:_ZN*3app5CacheC[0-9I]*"},
      {"app::Cache::~Cache", "fn:_ZN*3app5CacheD[0-9]Ev*"},
      {"app::Cache::~*", "fn:_ZN*3app5CacheD[0-9]Ev*"},
      {"app::*::~Cache", "fn:_ZN*3app*5CacheD[0-9]Ev*"},
      {"a_very_long_namespace::b", "fn:_ZN*21a_very_long_namespace1b[BEI]*"},
      {"::parse", "fn:_Z5parse*"},
      {"std::move", "fn:_ZSt4move*"},
      {"std::*", "fn:_ZSt*|fn:_ZNS[a-z]*|fn:_ZNKS[a-z]*"},
      {"std::list::*", "fn:_ZNSt4list*|fn:_ZNKSt4list*"},
      {"std::filesystem::path::append",
       "fn:_ZNSt10filesystem4path6append[BEI]*|fn:_ZNKSt10filesystem4path6append[BEI]*"},
      {"std::vec*::push_back", "fn:_ZNSt*[0-9]vec*9push_back[BEI]*|fn:_ZNKSt*[0-9]vec*9push_back[BEI]*"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = written(cases[i][0], "fn:");
    cr_expect_str_eq(text, cases[i][1]);
    free(text);
  }
  char *bare = written("std::list::*", "");
  cr_expect_str_eq(bare, "_ZNSt4list*|_ZNKSt4list*");
  free(bare);
}

Test(cxx_name, is_refused_by_what_cannot_be_matched) {
  static const char *const cases[][2] = {
      {"app::Box<int>::get", "`app::Box<int>::get`: templates cannot be matched by their arguments; *"},
      {"app::(anonymous namespace)::run", "*: argument lists and unnamed namespaces cannot be matched; *"},
      {"app::run(int)", "*: argument lists and unnamed namespaces cannot be matched; *"},
      {"app::run::{lambda}", "*: lambdas have no name; *"},
      {"app::operator new", "*: a blank stands in no such name; *"},
      {"app::X::operator=", "*: operators cannot be matched by `::`; *"},
      {"app::operator", "*: operators cannot be matched by `::`; *"},
      {"app::\\*", "*: a backslash stands in no such name; *"},
      {"app::a+b", "*: `+` stands in no such name; *"},
      {"app:::run", "*: `:` stands in no such name; *"},
      {"app::~Cache::x", "*: `~` stands in no such name; *"},
      {"app::Cache::~Box", "*is no destructor; expected `~Cache`"},
      {"::", "`::` is no C++ name; *"},
      {"app::", "`app::` is no C++ name; *"},
      {"app::::run", "`app::::run` is no C++ name; *"},
      {"::par*", "*: the length of the name is part of its symbol; *_Z[[]0-9]name[*] and *"},
      {"std::mo*", "*: the length of the name is part of its symbol; *_ZSt[[]0-9]name[*] and *"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    cr_expect_eq(cxx_name_write(stretch_of(cases[i][0]), "fn:", to, &fault), -EINVAL, "%s", cases[i][0]);
    fclose(to);
    cr_expect_str_empty(text);
    free(text);
    cr_expect(glob_fits(cases[i][1], strlen(cases[i][1]), fault.words), "%s: %s", cases[i][0], fault.words);
  }
}

static bool fits(const char *name, const char *symbol) {
  char *text = written(name, "");
  struct stretch rest = stretch_of(text);
  bool has_fit = false;
  while (rest.bytes) {
    struct stretch glob = stretch_next(&rest, '|');
    if (glob_fits(glob.bytes, glob.count, symbol)) has_fit = true;
  }
  free(text);
  return has_fit;
}

/* Each behind what c++filt says of it. */
Test(cxx_name, fits_the_symbols) {
  static const struct {
    const char *name, *symbol;
    bool fits;
  } cases[] = {
      {"app::Cache::*", "_ZN3app5Cache6insertEi", true},      /* app::Cache::insert(int) */
      {"app::Cache::*", "_ZNK3app5Cache4sizeEv", true},       /* app::Cache::size() const */
      {"app::Cache::*", "_ZNVK3app5Cache4seenEv", true},      /* .. const volatile */
      {"app::Cache::*", "_ZNR3app5Cache4takeEv", true},       /* .. & */
      {"app::Cache::*", "_ZN3app5CacheC2Ev", true},           /* app::Cache::Cache() */
      {"app::Cache::*", "_ZN3app5Cache5Entry4readEv", true},  /* app::Cache::Entry::read() */
      {"app::Cache::*", "_ZN3app6Cache26insertEi", false},    /* app::Cache2::insert(int) */
      {"app::Cache::*", "_ZN3app3runEv", false},              /* app::run() */
      {"app::Cache::*", "_ZN4util4showERN3app5CacheE", true}, /* util::show(app::Cache&): as documented */
      {"app::Cache::*", "_ZN3app4showERNS_5CacheE", false},   /* app::show(app::Cache&) */
      {"app::Cache::insert", "_ZN3app5Cache6insertEi", true}, /* .. */
      {"app::Cache::insert", "_ZN3app5Cache6insertIiEEvT_", true},  /* void app::Cache::insert<int>(int) */
      {"app::Cache::insert", "_ZN3app5Cache6insertEi.cold", true},  /* .. [clone .cold] */
      {"app::Cache::insert", "_ZN3app5Cache10insert_allEv", false}, /* app::Cache::insert_all() */
      {"app::Cache::name", "_ZNK3app5Cache4nameB5cxx11Ev", true},   /* app::Cache::name[abi:cxx11]() const */
      {"app::Cache::ins*", "_ZN3app5Cache6insertEi", true},         /* .. */
      {"app::Cache::ins*", "_ZN3app5Cache10insert_allEv", true},    /* .. */
      {"app::Cache::ins*", "_ZN3app5Cache6beginsEv", false},        /* app::Cache::begins() */
      {"app::Cache::*sert", "_ZN3app5Cache6insertEi", true},        /* .. */
      {"app::*::run", "_ZN3app12_GLOBAL__N_13runEv", true},         /* app::(anonymous namespace)::run() */
      {"app::run", "_ZN3app3runEv", true},                          /* .. */
      {"app::run", "_ZN3app12_GLOBAL__N_13runEv", false},           /* .. */
      {"app::run", "_ZN3appL3runEv", false},                        /* static: as documented */
      {"app::*run", "_ZN3appL3runEv", true},                        /* .. */
      {"app::Cache::Cache", "_ZN3app5CacheC1Ev", true},             /* .. */
      {"app::Cache::Cache", "_ZN3app5CacheC2IiEET_", true},         /* app::Cache::Cache<int>(int) */
      {"app::Cache::Cache", "_ZN3app5CacheD1Ev", false},            /* app::Cache::~Cache() */
      {"app::Cache::~Cache", "_ZN3app5CacheD0Ev", true},            /* .. */
      {"app::Cache::~Cache", "_ZN3app5CacheC1Ev", false},           /* .. */
      {"app::Box*::get", "_ZN3app3BoxIiE3getEv", true},             /* app::Box<int>::get() */
      {"app::Box::*", "_ZN3app3BoxIiE3getEv", true},                /* .. */
      {"::parse", "_Z5parsePKc", true},                             /* parse(char const*) */
      {"::parse", "_Z5parseIiEvT_", true},                          /* void parse<int>(int) */
      {"::parse", "_Z10parse_jsonv", false},                        /* parse_json() */
      {"::parse", "_ZN3app5parseEv", false},                        /* app::parse() */
      {"::parse", "parse", false},                                  /* extern "C" */
      {"std::move", "_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_", true},
      {"std::list::*", "_ZNSt4listIiSaIiEE9push_backERKi", true}, /* std::list<int>::push_back(int const&) */
      {"std::list::*", "_ZNKSt4listIiSaIiEE4sizeEv", true},       /* .. size() const */
      {"std::list::*", "_ZN3app3useERSt4listIiSaIiEE", false},    /* app::use(std::list<int>&) */
      {"std::*", "_ZNSaIcEC1Ev", true},                           /* std::allocator<char>::allocator() */
      {"std::*", "_ZNKSs4sizeEv", true},                          /* std::string::size() const, the old one */
      {"std::*", "_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_", true},
      {"std::*", "_ZN3app3useERSt4listIiSaIiEE", false},
      {"std::*", "_Z3useRSt4listIiSaIiEE", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(fits(cases[i].name, cases[i].symbol), cases[i].fits, "%s and %s", cases[i].name,
                 cases[i].symbol);
  }
}
