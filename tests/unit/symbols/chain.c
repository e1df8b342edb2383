/*
 * Tests of what compilers leave: gcc's and clang's debug information of each version and in each form that libdw knows,
 * and what is left when it is stripped. One program throughout, of which all the frames are known.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "symbols/scratch.h"

static struct scratch scratch;

static void set_up(void) {
  scratch_make(&scratch);
}

static void tear_down(void) {
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_chain, name, .init = set_up, .fini = tear_down, .timeout = 120)

static void expect_chain(const char *name, uint64_t address, const char *chain, const char *words) {
  const char *found = scratch_chain_once(&scratch, name, address);
  cr_expect_str_eq(found, chain, "%s: %s", words, found);
}

static const char *const compilers[] = {
    "gcc -g -O2 -gdwarf-5",
    "gcc -g -O2 -gdwarf-4",
    "gcc -g -O2 -gdwarf-3",
    "gcc -g -O2 -gdwarf-2 -gno-strict-dwarf",
    "gcc -g -O0",
    "gcc -g -O2 -gz",
    "gcc -g -O2 -gz=zlib-gnu",
    "gcc -g -O2 -gsplit-dwarf -gdwarf-5",
    "gcc -g -O2 -gsplit-dwarf -gdwarf-4",
    "gcc -g -O2 -flto",
    "gcc -g -O2 -no-pie",
    "gcc -g -O2 -static-pie",
    "gcc -g -O2 -ffunction-sections -freorder-functions -Wl,--gc-sections",
    "gcc -g -O2 -fdebug-types-section",
    "gcc -g -O2 -shared -fPIC",
    "clang -g -O2 -gdwarf-5",
    "clang -g -O2 -gdwarf-4",
    "clang -g -O0",
    "clang -g -O2 -gz",
    "clang -g -O2 -gsplit-dwarf -gdwarf-5",
    "clang -g -O2 -gsplit-dwarf -gdwarf-4",
    "clang -g -O2 -gsplit-dwarf -gdwarf-4 -fuse-ld=lld",
    "clang -g -O2 -fuse-ld=lld -Wl,--icf=all -ffunction-sections -Wl,--gc-sections",
    "clang -g -O2 -flto -fuse-ld=lld",
    "clang -g -O2 -gdwarf-aranges",
};

/* Paths are as the compiler had them, from the root. */
static void expect_whole_paths(uint64_t mark, const char *compiler) {
  char path[256], program[256];
  snprintf(path, sizeof path, "%s/chain.c", scratch.folder);
  snprintf(program, sizeof program, "%s/program", scratch.folder);
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  struct symbol_module module = {.path = program};
  struct symbol_chain chain;
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  cr_assert_eq(chain.count, 3, "%s", compiler);
  for (size_t i = 0; i < chain.count; i++) {
    cr_expect_str_eq(chain.frames[i].file, path, "%s: %s", compiler, chain.frames[i].file);
  }
  symbols_close(symbols);
}

/* With debug information all is known, without it the function of the symbol table. */
Case(has_functions_files_and_lines) {
  for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
    scratch_make_chain(&scratch, "program", compilers[i]);
    uint64_t mark = scratch_address(&scratch, "program", "mark");
    expect_chain("program", mark, SCRATCH_CHAIN, compilers[i]);
    expect_whole_paths(mark, compilers[i]);
    scratch_run(&scratch, "strip --strip-debug program -o stripped");
    expect_chain("stripped", mark, "outer ?", compilers[i]);
  }
}

Case(has_functions_of_the_dynamic_table) {
  scratch_make_chain(&scratch, "program", "gcc -g -O2 -shared -fPIC");
  uint64_t mark = scratch_address(&scratch, "program", "mark");
  scratch_run(&scratch, "strip program -o stripped");
  expect_chain("stripped", mark, "outer ?", "shared");
  scratch_make_chain(&scratch, "program", "gcc -g -O2 -shared -fPIC -fvisibility=hidden");
  mark = scratch_address(&scratch, "program", "mark");
  scratch_run(&scratch, "strip program -o stripped");
  expect_chain("stripped", mark, "", "hidden");
}

Case(has_functions_of_a_small_compressed_file) {
  scratch_make_chain(&scratch, "program", "gcc -g -O2");
  uint64_t mark = scratch_address(&scratch, "program", "mark");
  scratch_run(&scratch, "objcopy --only-keep-debug program mini && strip --strip-debug mini && xz mini && "
                        "strip program -o stripped && objcopy --add-section .gnu_debugdata=mini.xz stripped");
  expect_chain("stripped", mark, "outer ?", "mini");
  scratch_run(&scratch, "head -c 300 mini.xz >cut && strip program -o stripped && "
                        "objcopy --add-section .gnu_debugdata=cut stripped");
  expect_chain("stripped", mark, "", "cut");
  scratch_run(&scratch, "head -c 100000000 /dev/zero | xz -0 >bomb && strip program -o stripped && "
                        "objcopy --add-section .gnu_debugdata=bomb stripped");
  expect_chain("stripped", mark, "", "bomb");
}

/* A function that a linker threw away is left at address 0, as large as it was: here larger than all that is there. */
Case(is_not_taken_in_by_what_was_thrown_away) {
  scratch_write(&scratch, "thrown.c",
                "int thrown(int x) {\n"
                "  __asm__ volatile(\".skip 0x20000, 0x90\");\n"
                "  return x;\n"
                "}\n");
  static const char *const ways[] = {
      "gcc -g -O2 -ffunction-sections -Wl,--gc-sections thrown.c",
      "clang -g -O2 -ffunction-sections -Wl,--gc-sections thrown.c",
      "clang -g -O2 -ffunction-sections -Wl,--gc-sections -fuse-ld=lld thrown.c",
      "clang -g -O2 -gdwarf-4 -ffunction-sections -Wl,--gc-sections -fuse-ld=lld thrown.c",
  };
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    scratch_make_chain(&scratch, "program", ways[i]);
    uint64_t mark = scratch_address(&scratch, "program", "mark");
    cr_assert_lt(mark, 0x20000);
    expect_chain("program", mark, SCRATCH_CHAIN, ways[i]);
  }
}

/* One function in two places. */
Case(has_parts_of_a_function) {
  scratch_write(&scratch, "parts.c",
                "#include <stdlib.h>\n"
                "__attribute__((cold, noinline)) void give_up(int x) { exit(x); }\n"
                "__attribute__((noinline)) int parts(int x) {\n"
                "  if (x == 77) {\n"
                "    give_up(3);\n"
                "    abort();\n"
                "  }\n"
                "  return x + 1;\n"
                "}\n"
                "int main(int argc, char **argv) { return argv ? parts(argc) : 1; }\n");
  scratch_run(&scratch, "gcc -g -O2 parts.c -o program");
  uint64_t cold = scratch_address(&scratch, "program", "parts.cold");
  uint64_t warm = scratch_address(&scratch, "program", "parts");
  cr_assert_lt(cold, warm);
  expect_chain("program", cold + 1, "parts parts.c:5", "cold");
  expect_chain("program", warm, "parts parts.c:4", "warm");
  scratch_run(&scratch, "strip --strip-debug program");
  expect_chain("program", cold + 1, "parts.cold ?", "stripped");
}

/* The byte before a return address is the call, even if the caller's last instruction is one. */
Case(looks_up_the_call) {
  scratch_write(&scratch, "ends.c",
                "__attribute__((noreturn, noinline)) void leave(int x) {\n"
                "  __builtin_trap();\n"
                "}\n"
                "__attribute__((noinline)) void last(int x) {\n"
                "  leave(x);\n"
                "}\n"
                "__asm__(\"behind_last:\");\n"
                "int main(int argc, char **argv) { last(argc); }\n");
  scratch_run(&scratch, "gcc -g -O1 -fno-toplevel-reorder -fno-align-functions ends.c -o program");
  uint64_t behind = scratch_address(&scratch, "program", "behind_last");
  expect_chain("program", behind - 1, "last ends.c:5", "a byte before");
  expect_chain("program", behind, "main ends.c:8", "behind");
}

Case(knows_assembly) {
  scratch_write(&scratch, "hand.s",
                ".text\n.globl hand\nhand: nop\n mark_hand: nop\n ret\n"
                ".globl next\nnext: ret\n.section .note.GNU-stack,\"\",@progbits\n");
  scratch_make_chain(&scratch, "program", "gcc -O2 hand.s");
  expect_chain("program", scratch_address(&scratch, "program", "next"), "next ?", "no size");
  expect_chain("program", scratch_address(&scratch, "program", "hand"), "hand ?", "no size");
  scratch_make_chain(&scratch, "program", "gcc -g -O2 hand.s");
  expect_chain("program", scratch_address(&scratch, "program", "hand"), "hand hand.s:3", "lines");
}

Case(of_the_same_address_is_the_same) {
  scratch_make_chain(&scratch, "program", "gcc -g -O2");
  uint64_t mark = scratch_address(&scratch, "program", "mark");
  char path[256], copy[256];
  snprintf(path, sizeof path, "%s/program", scratch.folder);
  strcpy(copy, path);
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  struct symbol_module module = {.path = path}, again = {.path = copy};
  struct symbol_chain first, second;
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &first), 0);
  cr_assert_eq(symbols_find(symbols, &again, mark + 1, &second), 0);
  cr_expect_eq(first.count, 3);
  cr_expect_eq(first.frames, second.frames);
  symbols_close(symbols);
}
