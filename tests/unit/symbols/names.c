/*
 * Tests of symbols/function_name.c: what functions of C++ and C are called, with a linkage name and without. gcc gives
 * none to what no other file can name.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "symbols/scratch.h"

static struct scratch scratch;

static void set_up(void) {
  scratch_make(&scratch);
}

static void tear_down(void) {
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_names, name, .init = set_up, .fini = tear_down, .timeout = 120)

/* Each function has a mark, and no callers that it could be inlined into unless it must be. */
static const char source[] =
    "#define MARK(n) __asm__ volatile(\"mark_\" #n \": nop\" ::: \"memory\")\n"
    "#define APART __attribute__((noinline, used))\n"
    "#define INTO inline __attribute__((always_inline))\n"
    "namespace app {\n"
    "namespace {\n"
    "struct Hidden { APART int member(int x) { MARK(hidden); return x; } };\n"
    "APART int unnamed(int x) { MARK(unnamed); return x; }\n"
    "INTO int unnamed_into(int x) { MARK(unnamed_into); return x + 1; }\n"
    "}\n"
    "namespace inner { static APART int file_local(int x) { MARK(local); return x; } }\n"
    "template <class T> struct Box {\n"
    "  T value;\n"
    "  INTO T get(int x) { MARK(get); return value + x; }\n"
    "};\n"
    "template <class T> APART T twice(T x) { MARK(twice); return x + x; }\n"
    "struct Shape {\n"
    "  struct Part { static APART int area(long x) { MARK(area); return x; } };\n"
    "  Shape() APART; ~Shape() APART;\n"
    "  int operator+(int x) APART;\n"
    "};\n"
    "Shape::Shape() { MARK(construct); }\n"
    "Shape::~Shape() { MARK(destruct); }\n"
    "int Shape::operator+(int x) { MARK(plus); return x; }\n"
    "APART int run(int x) {\n"
    "  auto lambda = [&](int y) APART { MARK(lambda); return x + y; };\n"
    "  struct Local { static APART int inside(int y) { MARK(inside); return y; } };\n"
    "  Box<int> box{x};\n"
    "  Shape shape;\n"
    "  return lambda(1) + Local::inside(x) + box.get(x) + unnamed(x) + unnamed_into(x) + "
    "inner::file_local(x) +\n"
    "         twice(2L) + Shape::Part::area(x) + (shape + 1) + Hidden().member(x);\n"
    "}\n"
    "}\n"
    "extern \"C\" APART int plain(int x) { MARK(plain); return app::run(x); }\n"
    "int main(int argc, char **) { MARK(main); return plain(argc); }\n";

static const char *outermost(const char *chain) {
  const char *last = strstr(chain, " < ");
  return last ? outermost(last + 3) : chain;
}

/* The function of the mark, without the file. */
static void expect_names(const char *const (*cases)[2], const char *compiler) {
  for (; (*cases)[0]; cases++) {
    const char *chain =
        scratch_chain_once(&scratch, "program", scratch_address(&scratch, "program", (*cases)[0]));
    size_t length = strlen((*cases)[1]);
    cr_expect(strncmp(chain, (*cases)[1], length) == 0 && strncmp(chain + length, " names.cc:", 10) == 0,
              "%s: %s: %s is not %s", compiler, (*cases)[0], chain, (*cases)[1]);
  }
}

Case(of_cxx) {
  static const char *const cases[][2] = {
      {"mark_get", "app::Box<int>::get(int)"},
      {"mark_twice", "long app::twice<long>(long)"},
      {"mark_area", "app::Shape::Part::area(long)"},
      {"mark_construct", "app::Shape::Shape()"},
      {"mark_destruct", "app::Shape::~Shape()"},
      {"mark_plus", "app::Shape::operator+(int)"},
      {"mark_plain", "plain"},
      {"mark_main", "main"},
      {NULL, NULL},
  };
  static const char *const by_gcc[][2] = {
      {"mark_hidden", "app::(anonymous namespace)::Hidden::member"},
      {"mark_unnamed", "app::(anonymous namespace)::unnamed"},
      {"mark_unnamed_into", "app::(anonymous namespace)::unnamed_into"},
      {"mark_local", "app::inner::file_local"},
      {"mark_lambda", "app::run(int)::{lambda}::operator()"},
      {"mark_inside", "app::run(int)::Local::inside"},
      {NULL, NULL},
  };
  static const char *const by_clang[][2] = {
      {"mark_hidden", "app::(anonymous namespace)::Hidden::member(int)"},
      {"mark_unnamed", "app::(anonymous namespace)::unnamed(int)"},
      {"mark_unnamed_into", "app::(anonymous namespace)::unnamed_into(int)"},
      {"mark_local", "app::inner::file_local(int)"},
      {"mark_lambda", "app::run(int)::$_0::operator()(int) const"},
      {"mark_inside", "app::run(int)::Local::inside(int)"},
      {NULL, NULL},
  };
  static const char *const compilers[] = {"g++ -g -O2",
                                          "g++ -g -O2 -gdwarf-4",
                                          "g++ -g -O0",
                                          "g++ -g -O2 -flto",
                                          "g++ -g -O2 -fdebug-types-section",
                                          "g++ -g -O2 -gdwarf-4 -fdebug-types-section",
                                          "clang++ -g -O2",
                                          "clang++ -g -O2 -gdwarf-4 -gsplit-dwarf"};
  scratch_write(&scratch, "names.cc", source);
  for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
    scratch_run(&scratch, "%s -w names.cc -o program", compilers[i]);
    expect_names(cases, compilers[i]);
    expect_names(compilers[i][0] == 'g' ? by_gcc : by_clang, compilers[i]);
  }
}

/* A function that was inlined is called as it is elsewhere, and by whom. */
Case(of_what_was_inlined) {
  scratch_write(&scratch, "names.cc", source);
  scratch_run(&scratch, "g++ -g -O2 names.cc -o program");
  const char *chain =
      scratch_chain_once(&scratch, "program", scratch_address(&scratch, "program", "mark_unnamed_into"));
  cr_expect_str_eq(outermost(chain), "app::run(int) names.cc:29", "%s", chain);
}

Case(of_symbols_are_demangled) {
  scratch_write(&scratch, "names.cc", source);
  scratch_run(&scratch, "g++ -O2 names.cc -o program");
  const char *chain =
      scratch_chain_once(&scratch, "program", scratch_address(&scratch, "program", "mark_unnamed"));
  cr_expect_str_eq(chain, "app::(anonymous namespace)::unnamed(int) ?");
}

Case(of_c_are_as_they_are) {
  scratch_write(&scratch, "names.c",
                "int renamed(int x) __asm__(\"other_name\");\n"
                "__attribute__((noinline)) int renamed(int x) {\n"
                "  __asm__ volatile(\"mark_renamed: nop\" ::: \"memory\");\n"
                "  return x;\n"
                "}\n"
                "int main(int argc, char **argv) {\n"
                "  __attribute__((noinline)) int nested(int x) {\n"
                "    __asm__ volatile(\"mark_nested: nop\" ::: \"memory\");\n"
                "    return x + argc;\n"
                "  }\n"
                "  return nested(1) + renamed(2);\n"
                "}\n");
  scratch_run(&scratch, "gcc -g -O1 names.c -o program");
  const char *chain =
      scratch_chain_once(&scratch, "program", scratch_address(&scratch, "program", "mark_nested"));
  cr_expect_str_eq(chain, "nested names.c:8");
  chain = scratch_chain_once(&scratch, "program", scratch_address(&scratch, "program", "mark_renamed"));
  cr_expect_str_eq(chain, "renamed names.c:3");
}
