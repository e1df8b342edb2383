/*
 * Tests of track/modules.c: the rows of modules that stacks lie in, by whatever path they were loaded.
 */
#include "track/modules.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "track/tracked.h"

#define LONG "a-folder-whose-name-is-long-enough-for-some-of-them-to-be-too-long"

static char folder[PATH_MAX];

/* A folder of the test's own with a library in it, where this process then starts to track itself. */
static void start_in_folder(size_t depth) {
  char command[2 * PATH_MAX];
  cr_assert_not_null(strcpy(folder, "/tmp/ration-unit-XXXXXX"));
  cr_assert_not_null(mkdtemp(folder));
  cr_assert_eq(chdir(folder), 0);
  snprintf(command, sizeof command,
           "echo 'int answer(void) { return 42; }' | cc -shared -fPIC -x c - -o %s/lib.so", folder);
  cr_assert_eq(system(command), 0);
  for (size_t i = 0; i < depth; i++) {
    cr_assert_eq(mkdir(LONG, 0700), 0);
    cr_assert_eq(link("lib.so", LONG "/lib.so"), 0);
    cr_assert_eq(chdir(LONG), 0);
  }
  tracked_start();
}

static void set_up(void) {
  start_in_folder(0);
}

static void set_up_deep(void) {
  start_in_folder(13); /* some 900 bytes: there is room for this, and not for what lies in it */
  cr_assert_eq(link("lib.so", LONG ".so"), 0);
}

static void tear_down(void) {
  char command[PATH_MAX + 20];
  cr_assert_eq(chdir("/"), 0);
  snprintf(command, sizeof command, "rm -r %.100s", folder);
  cr_assert_eq(system(command), 0);
}

/* Somewhere in it. */
static uintptr_t load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  cr_assert_not_null(library, "%s", dlerror());
  return (uintptr_t)dlsym(library, "answer") + 1;
}

static const struct ration_segment_module *row_of(uintptr_t pc, uint64_t generation) {
  uint32_t number = RATION_FRAME_MODULE(modules_frame(pc, generation, &(struct module_hint){0}));
  cr_assert_gt(number, 0);
  return &segment.modules[number];
}

Test(modules, paths_are_from_the_root, .init = set_up, .fini = tear_down) {
  char expected[PATH_MAX + 20];
  snprintf(expected, sizeof expected, "%s/lib.so", folder);
  cr_expect_str_eq(row_of(load("./lib.so"), 1)->path, expected);
}

Test(modules, an_absolute_path_is_kept, .init = set_up, .fini = tear_down) {
  char path[PATH_MAX + 20];
  snprintf(path, sizeof path, "%s/./lib.so", folder);
  cr_expect_str_eq(row_of(load(path), 1)->path, path);
}

Test(modules, the_folder_is_that_of_the_start, .init = set_up, .fini = tear_down) {
  char expected[PATH_MAX + 20];
  uintptr_t pc = load("././lib.so");
  cr_assert_eq(chdir("/"), 0);
  snprintf(expected, sizeof expected, "%s/lib.so", folder);
  cr_expect_str_eq(row_of(pc, 1)->path, expected);
}

Test(modules, the_program_is_named_by_the_kernel, .init = set_up, .fini = tear_down) {
  char program[PATH_MAX] = "";
  cr_assert_gt(readlink("/proc/self/exe", program, sizeof program - 1), 0);
  const struct ration_segment_module *row = row_of((uintptr_t)&load, 1);
  cr_expect_str_eq(row->path, program);
  cr_expect(row->is_executable);
}

/* Whatever was closed in between, it is the same one. */
Test(modules, has_one_row, .init = set_up, .fini = tear_down) {
  uintptr_t pc = load("./lib.so");
  const struct ration_segment_module *row = row_of(pc, 1);
  uint64_t count = segment.process->module_count;
  for (uint64_t generation = 1; generation < 10; generation++)
    cr_expect_eq(row_of(pc, generation), row, "%d", (int)generation);
  cr_expect_eq(segment.process->module_count, count);
}

Test(modules, has_one_row_even_without_room_for_its_path, .init = set_up_deep, .fini = tear_down) {
  uintptr_t pc = load("./" LONG ".so");
  const struct ration_segment_module *row = row_of(pc, 1);
  uint64_t count = segment.process->module_count;
  cr_expect_str_eq(row->path, "");
  for (uint64_t generation = 1; generation < 10; generation++)
    cr_expect_eq(row_of(pc, generation), row, "%d", (int)generation);
  cr_expect_eq(segment.process->module_count, count);
}

/* A hint is of one module: what lies in another, or in none, is looked up. */
Test(modules, a_hint_changes_nothing, .init = set_up, .fini = tear_down) {
  struct module_hint hint = {0};
  const uintptr_t addresses[] = {load("./lib.so"), load("./lib.so") + 1, (uintptr_t)&load, 0x7123456789ab,
                                 (uintptr_t)&load, (uintptr_t)&fopen,    load("./lib.so")};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
    cr_expect_eq(modules_frame(addresses[i], 1, &hint),
                 modules_frame(addresses[i], 1, &(struct module_hint){0}), "%zu", i);
}

Test(modules, code_in_none_is_an_address, .init = set_up, .fini = tear_down) {
  cr_expect_eq(modules_frame(0x7123456789ab, 1, &(struct module_hint){0}), UINT64_C(0x7123456789ab));
}
