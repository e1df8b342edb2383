/*
 * symbols.c: tests of src/os/symbols.c and symbols_file.c, on the test program itself and the libraries that it has.
 */
#include "os/symbols.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

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
  void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD); /* by name strdup may be a sanitizer's */
  cr_assert_not_null(libc);
  struct counting found = look_in_memory("libc.so", "strdup");
  cr_expect_geq(found.named, 1);
  cr_expect_eq(found.last.start, (uintptr_t)dlsym(libc, "strdup"));
  cr_expect_gt(found.last.bytes, 0);
  cr_expect_geq(look_in_memory("libc.so", "memcpy").named, 1);
  cr_expect_eq(look_in_memory("libc.so", "hidden_one").named, 0);
}

/* What a table holds: how many functions, and a sum of their addresses and names that no order changes. */
struct content {
  size_t count;
  uint64_t sum;
};

static void add(struct content *content, uint64_t address, const char *name) {
  uint64_t hash = address;
  for (; *name && *name != '@'; name++) hash = hash * 31 + (unsigned char)*name;
  content->count++;
  content->sum += hash_word(hash);
}

struct filling {
  struct content content;
  uintptr_t bias;
};

static void fill(void *context, const struct symbol *symbol) {
  struct filling *filling = context;
  add(&filling->content, symbol->start - filling->bias, symbol->name);
}

/* Num: Value Size Type Bind Vis Ndx Name; both tables, or the dynamic one alone. */
static struct content by_readelf(const char *path, const char *tables) {
  char command[4200], line[16384], type[32], section[32], name[8192];
  struct content content = {0};
  unsigned long long value;
  snprintf(command, sizeof command, "readelf -W %s '%s' 2>/dev/null", tables, path);
  FILE *reader = popen(command, "r");
  cr_assert_not_null(reader);
  while (fgets(line, sizeof line, reader)) {
    if (sscanf(line, "%*d: %llx %*s %31s %*s %*s %31s %8191s", &value, type, section, name) != 4) continue;
    int is_function = strcmp(type, "FUNC") == 0 || strcmp(type, "IFUNC") == 0;
    if (is_function && strcmp(section, "UND") != 0 && strcmp(section, "ABS") != 0) add(&content, value, name);
  }
  cr_assert_eq(pclose(reader), 0, "%s", command);
  return content;
}

static void compare_with_readelf(void *context, const struct module *module) {
  size_t *files = context;
  const char *path = module->is_executable ? program_invocation_name : module->path;
  if (!strchr(path, '/')) return;
  struct filling in_file = {.bias = module->bias}, in_memory = {.bias = module->bias};
  cr_expect_eq(symbols_visit_file(module, fill, &in_file), 0, "%s", path);
  cr_expect_eq(symbols_visit_dynamic(module, fill, &in_memory), 0, "%s", path);
  struct content both = by_readelf(path, "--syms"), dynamic = by_readelf(path, "--dyn-syms");
  cr_expect_eq(in_file.content.count, both.count, "%s: %zu, %zu", path, in_file.content.count, both.count);
  cr_expect_eq(in_file.content.sum, both.sum, "%s", path);
  cr_expect_eq(in_memory.content.count, dynamic.count, "%s: %zu, %zu", path, in_memory.content.count,
               dynamic.count);
  cr_expect_eq(in_memory.content.sum, dynamic.sum, "%s", path);
  ++*files;
}

Test(symbols, are_those_that_readelf_shows, .timeout = 120) {
  size_t files = 0;
  cr_assert_eq(modules_visit(compare_with_readelf, &files), 0);
  cr_expect_geq(files, 2, "the executable and libc");
}
