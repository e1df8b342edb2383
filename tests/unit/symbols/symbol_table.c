/*
 * Tests of symbols/symbol_table.c: which of several symbols has an address. They are assembled by hand, so that each is
 * what compilers rarely write.
 */
#include "symbols/symbol_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "symbols/scratch.h"

static struct scratch scratch;
static struct object_file *file;
static struct symbol_table table;

static void set_up(void) {
  scratch_make(&scratch);
}

static void tear_down(void) {
  symbol_table_free(&table);
  object_file_close(file);
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_table, name, .init = set_up, .fini = tear_down)

/* Functions of `text`, which begins at 0x1000, after 16 bytes that are none's. */
static void assemble(const char *text, enum symbol_table_kind kind) {
  char path[128];
  scratch_write(&scratch, "symbols.s", text);
  scratch_run(&scratch,
              "{ echo '.text; .skip 16, 0x90'; cat symbols.s; echo '.section .data; object: .quad 0'; "
              "echo '.section .note.GNU-stack,\"\",@progbits'; } | gcc -x assembler - -nostdlib -shared "
              "-Wl,-Ttext=0x1000 -o library");
  snprintf(path, sizeof path, "%s/library", scratch.folder);
  cr_assert_eq(object_file_open(path, &file), 0);
  cr_assert_eq(symbol_table_add(&table, file, kind), 0);
  cr_assert_eq(symbol_table_settle(&table), 0);
}

static void expect_name(uint64_t offset, const char *name) {
  const char *found = symbol_table_find(&table, 0x1010 + offset);
  if (!name || !found) {
    cr_expect_eq(found, name, "%d: %s", (int)offset, found ? found : "none");
  } else {
    cr_expect_str_eq(found, name, "%d: %s", (int)offset, found);
  }
}

#define FUNCTION(name, binding, size)                                                                        \
  binding " " name "\n.type " name ", @function\n.size " name ", " size "\n" name ":\n"
#define LOCAL(name, size) ".type " name ", @function\n.size " name ", " size "\n" name ":\n"

Case(prefers_global_to_weak_to_local) {
  assemble(LOCAL("a_local", "8") FUNCTION("a_weak", ".weak", "8")
               FUNCTION("a_global", ".globl", "8") ".skip 8\n" LOCAL("b_local", "8")
                   FUNCTION("b_weak", ".weak", "8") ".skip 8\n" FUNCTION("__c", ".globl", "8")
                       FUNCTION("c", ".globl", "8") FUNCTION("d", ".globl", "8") ".skip 8\n",
           SYMBOL_TABLE_FULL);
  expect_name(0, "a_global");
  expect_name(7, "a_global");
  expect_name(8, "b_weak");
  expect_name(16, "c");
}

Case(keeps_to_sizes) {
  assemble(FUNCTION("sized", ".globl", "8") ".skip 16\n" FUNCTION("outer", ".globl", "32") ".skip 8\n" LOCAL(
               "inner", "8") ".skip 24\n",
           SYMBOL_TABLE_FULL);
  expect_name(-1ULL, NULL);
  expect_name(7, "sized");
  expect_name(8, NULL);
  expect_name(16, "outer");
  expect_name(24, "inner");
  expect_name(32, "outer");
  expect_name(47, "outer");
  expect_name(48, NULL);
}

Case(lets_what_has_no_size_reach_to_the_next) {
  assemble("bare: .skip 8\n" FUNCTION("sized", ".globl", "16") ".skip 4\nlabel: .skip 20\nlast: .skip 8\n",
           SYMBOL_TABLE_FULL);
  expect_name(0, "bare");
  expect_name(7, "bare");
  expect_name(8, "sized");
  expect_name(12, "sized");
  expect_name(23, "sized");
  expect_name(24, "label");
  expect_name(32, "last");
  expect_name(39, "last");
  expect_name(40, NULL);
}

Case(has_functions_alone) {
  assemble("\"$x\": .skip 4\n\"$d.7\": .skip 4\nplain: .skip 4\n.type object, @object\n.size object, 8\n"
           ".set absolute, 0x1018\n.globl absolute\n",
           SYMBOL_TABLE_FULL);
  expect_name(0, NULL);
  expect_name(4, NULL);
  expect_name(8, "plain");
}

Case(of_the_loader_has_what_is_exported) {
  assemble(LOCAL("hidden", "8") ".skip 8\n" FUNCTION("shown", ".globl", "8") ".skip 8\n",
           SYMBOL_TABLE_DYNAMIC);
  expect_name(0, NULL);
  expect_name(8, "shown");
}
