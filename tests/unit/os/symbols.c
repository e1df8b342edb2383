/*
 * symbols.c: tests of src/os/symbols.c and symbols_file.c, on the test program itself and the libraries that it has.
 */
#include "os/symbols.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Calls `use` with the executable, or with the module whose soname starts with `name`. */
struct looking {
  const char *name;
  struct module found;
  int is_found;
};

static void look(void *context, const struct module *module) {
  struct looking *looking = context;
  int is_it = looking->name ? module->soname && !strncmp(module->soname, looking->name, strlen(looking->name))
                            : module->is_executable;
  if (!is_it || looking->is_found) return;
  looking->found = *module;
  looking->is_found = 1;
}

static struct module module_named(const char *name) {
  struct looking looking = {.name = name};
  cr_assert_eq(modules_visit(look, &looking), 0);
  cr_assert(looking.is_found, "%s", name ? name : "the executable");
  return looking.found;
}

/* Counts all, and remembers the last one of a name. */
struct counting {
  const char *name;
  size_t all, named, outside;
  struct module module;
  struct symbol last;
};

static void count(void *context, const struct symbol *symbol) {
  struct counting *counting = context;
  counting->all++;
  if (!module_holds(&counting->module, symbol->start, symbol->bytes)) counting->outside++;
  if (!counting->name || strcmp(counting->name, symbol->name) != 0) return;
  counting->named++;
  counting->last = *symbol;
}

static struct counting look_in_file(const char *module, const char *name) {
  struct counting counting = {.name = name, .module = module_named(module)};
  errno = 77;
  cr_assert_eq(symbols_visit_file(&counting.module, count, &counting), 0);
  cr_assert_eq(errno, 77);
  cr_assert_eq(counting.outside, 0);
  return counting;
}

static struct counting look_in_memory(const char *module, const char *name) {
  struct counting counting = {.name = name, .module = module_named(module)};
  cr_assert_eq(symbols_visit_dynamic(&counting.module, count, &counting), 0);
  cr_assert_eq(counting.outside, 0);
  return counting;
}

static __attribute__((noinline)) int hidden_one(int value) {
  __asm__ volatile("" : "+r"(value));
  return value + 1;
}

extern int hidden_alias(int value);
extern __typeof(hidden_one) hidden_alias __attribute__((alias("hidden_one"), visibility("hidden")));

/* Two functions as an assembler writes them who says nothing of their size. */
void unsized_first(void);
void unsized_second(void);
__asm__(".pushsection .text.unsized, \"ax\", %progbits\n"
        ".globl unsized_first, unsized_second\n"
        ".hidden unsized_first\n .hidden unsized_second\n"
        ".type unsized_first, %function\n .type unsized_second, %function\n"
        "unsized_first: .skip 40\n"
        "unsized_second: .skip 24\n"
        ".popsection\n");

Test(symbols, of_the_file_hold_static_functions_and_aliases) {
  cr_assert_eq(hidden_one(1), hidden_alias(1));
  struct counting found = look_in_file(NULL, "hidden_one");
  cr_expect_eq(found.named, 1);
  cr_expect_eq(found.last.start, (uintptr_t)hidden_one);
  cr_expect_gt(found.last.bytes, 0);
  struct counting alias = look_in_file(NULL, "hidden_alias");
  cr_expect_eq(alias.named, 1);
  cr_expect_eq(alias.last.start, (uintptr_t)hidden_one);
  cr_expect_eq(alias.last.bytes, found.last.bytes);
}

Test(symbols, of_no_size_reach_to_the_next) {
  struct counting first = look_in_file(NULL, "unsized_first");
  cr_expect_eq(first.last.start, (uintptr_t)unsized_first);
  cr_expect_eq(first.last.bytes, (uintptr_t)unsized_second - (uintptr_t)unsized_first);
  struct counting second = look_in_file(NULL, "unsized_second");
  cr_expect_geq(second.last.bytes, 24);
  cr_expect_leq(second.last.bytes, 40);
}

Test(symbols, of_memory_hold_what_libc_exports) {
  struct counting found = look_in_memory("libc.so", "strdup");
  cr_expect_geq(found.named, 1);
  cr_expect_eq(found.last.start, (uintptr_t)strdup);
  cr_expect_gt(found.last.bytes, 0);
  cr_expect_geq(look_in_memory("libc.so", "memcpy").named, 1);
  cr_expect_eq(look_in_memory("libc.so", "hidden_one").named, 0);
}
