/*
 * Tests of diff/site_diff.c and diff/frame_numbers.c: which sites are the same, and which have changed.
 *
 * Modules 1 and 2: a library that both processes have, by its build-id, loaded as another number; a program of which each
 * has a build of its own. No file of them is there, so that they have no symbols.
 */
#include "diff/site_diff.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdlib.h>

#define MEAN    1000
#define LIBRARY 1
#define PROGRAM 2
#define FRAMES  4

struct half {
  struct process *process;
  struct site_list sites;
  struct site_table table;
  struct sampled sampled;
  struct site_facts facts[4];
  uint64_t frames[4][FRAMES];
  struct module_facts modules[3];
};

static struct half before, after;
static struct site_diff diff;

static void module_is(struct half *half, uint32_t number, const char *path, unsigned char build) {
  half->modules[number] = (struct module_facts){.same = number, .build_id_bytes = build ? 20 : 0};
  strcpy(half->modules[number].path, path);
  memset(half->modules[number].build_id, build, build ? 20 : 0);
}

static void half_set_up(struct half *half, uint32_t pid, unsigned char build) {
  *half = (struct half){.process = calloc(1, sizeof *half->process)};
  struct snapshot *snapshot = &half->process->snapshot;
  snapshot->name.pid = pid;
  snapshot->category_count = 2;
  strcpy(snapshot->categories[1].name, "total");
  strcpy(snapshot->categories[2].name, "cache");
  snapshot->categories[2].parent = 1;
  snapshot->facts.sample_mean = MEAN;
  module_is(half, LIBRARY, "/no/where/lib.so", 7);
  module_is(half, PROGRAM, "/no/where/app", build);
  half->sites = (struct site_list){.site = half->facts, .modules = {3, half->modules}};
  struct symbol_places places = {0};
  half->sampled = (struct sampled){half->process, &half->sites, &half->table, symbols_open(&places)};
}

static void set_up(void) {
  half_set_up(&before, 1, 1);
  half_set_up(&after, 2, 2);
}

static void half_tear_down(struct half *half) {
  site_table_free(&half->table);
  symbols_close(half->sampled.symbols);
  free(half->process);
}

static void tear_down(void) {
  site_diff_free(&diff);
  half_tear_down(&before);
  half_tear_down(&after);
}

static uint64_t frame(uint64_t module, uint64_t address) {
  return module << 48 | address;
}

/* A site of two frames, with so many live samples, each of MEAN bytes of small blocks. */
static void site(struct half *half, uint64_t inner, uint64_t outer, uint64_t samples) {
  size_t at = half->sites.count++;
  struct estimate estimate = {.samples = samples,
                              .blocks = 10.0 * samples,
                              .bytes = (double)MEAN * samples,
                              .variance = (double)MEAN * MEAN * samples};
  half->frames[at][0] = inner;
  half->frames[at][1] = outer;
  half->facts[at] = (struct site_facts){.category = 2,
                                        .frame_count = 2,
                                        .frames = half->frames[at],
                                        .live = estimate,
                                        .total = {.samples = samples + 1, .bytes = 1},
                                        .row = (uint32_t)at + 1};
}

static void make(void) {
  struct site_wishes wishes = {.order = SITES_BY_LIVE, .is_raw = true, .selection = &selection_all};
  cr_assert_eq(site_table_make(&before.sites, &before.process->snapshot, &wishes, &before.table), 0);
  cr_assert_eq(site_table_make(&after.sites, &after.process->snapshot, &wishes, &after.table), 0);
  cr_assert_eq(site_diff_make(&before.sampled, &after.sampled, MEASURE_LIVE, &diff), 0);
}

static void row_is(size_t number, const char *change, uint64_t was, uint64_t is) {
  cr_assert_lt(number, diff.count);
  const struct site_change *row = &diff.site[number];
  cr_expect_str_eq(change_word(row->change), change, "%s", change_word(row->change));
  cr_expect_eq(row->before.samples, was);
  cr_expect_eq(row->after.samples, is);
}

Test(site_diff, module_numbers_may_be_packed_as_they_are) {
  cr_assert_eq(RATION_FRAME_MODULE(frame(PROGRAM, 0x1234)), PROGRAM);
  cr_assert_eq(RATION_FRAME_ADDRESS(frame(PROGRAM, 0x1234)), 0x1234);
}

Test(site_diff, grown_only_where_intervals_do_not_meet, .init = set_up, .fini = tear_down) {
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 100);
  site(&after, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 200);
  site(&before, frame(LIBRARY, 0x11), frame(LIBRARY, 0x20), 100);
  site(&after, frame(LIBRARY, 0x11), frame(LIBRARY, 0x20), 120);
  make();
  cr_assert_eq(diff.count, 2);
  row_is(0, "grown", 100, 200);
  row_is(1, "unclear", 100, 120);
}

Test(site_diff, without_a_sample_it_may_be_there, .init = set_up, .fini = tear_down) {
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 3);
  site(&before, frame(LIBRARY, 0x11), frame(LIBRARY, 0x20), 50);
  site(&after, frame(LIBRARY, 0x12), frame(LIBRARY, 0x20), 60);
  make();
  cr_assert_eq(diff.count, 3);
  row_is(0, "new", 0, 60);
  row_is(1, "gone", 50, 0);
  row_is(2, "unclear", 3, 0);
  cr_expect_float_eq(diff.site[2].after.interval.high, 2.51 * MEAN, 0.01 * MEAN);
}

Test(site_diff, where_each_block_is_a_sample_none_is_missed, .init = set_up, .fini = tear_down) {
  after.process->snapshot.facts.sample_mean = before.process->snapshot.facts.sample_mean = 1;
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 1);
  before.facts[0].live.variance = 0;
  make();
  row_is(0, "gone", 1, 0);
}

/* The same offset in two builds is not the same place. */
Test(site_diff, a_module_of_another_build_is_compared_by_name, .init = set_up, .fini = tear_down) {
  module_is(&before, PROGRAM, "/no/where/app-1", 1);
  module_is(&after, PROGRAM, "/no/where/app-2", 2);
  site(&before, frame(PROGRAM, 0x10), frame(LIBRARY, 0x20), 100);
  site(&after, frame(PROGRAM, 0x10), frame(LIBRARY, 0x20), 100);
  make();
  cr_expect_eq(diff.count, 2);
}

Test(site_diff, a_module_of_the_same_build_may_be_elsewhere, .init = set_up, .fini = tear_down) {
  module_is(&before, PROGRAM, "/a/app", 5);
  module_is(&after, PROGRAM, "/b/other-name", 5);
  site(&before, frame(PROGRAM, 0x10), frame(LIBRARY, 0x20), 100);
  site(&after, frame(PROGRAM, 0x10), frame(LIBRARY, 0x20), 100);
  make();
  cr_assert_eq(diff.count, 1);
  row_is(0, "same", 100, 100);
}

/* This program's own code, as if of two builds: two calls of one function are one place, by its name. */
Test(site_diff, a_function_of_two_builds_is_one, .init = set_up, .fini = tear_down) {
  Dl_info self;
  cr_assert(dladdr((void *)(uintptr_t)half_set_up, &self));
  uint64_t inside = (uint64_t)(uintptr_t)half_set_up - (uint64_t)(uintptr_t)self.dli_fbase + 2;
  module_is(&before, PROGRAM, "/proc/self/exe", 0);
  module_is(&after, PROGRAM, "/proc/self/exe", 0);
  site(&before, frame(PROGRAM, inside), frame(LIBRARY, 0x20), 100);
  site(&after, frame(PROGRAM, inside + 1), frame(LIBRARY, 0x20), 100);
  make();
  cr_expect_eq(diff.count, 1);
}

/* Where code is compiled at run time lies elsewhere each time; in one process it is where it was. */
Test(site_diff, code_in_no_module, .init = set_up, .fini = tear_down) {
  site(&before, frame(0, 0x7000), frame(LIBRARY, 0x20), 100);
  site(&after, frame(0, 0x8000), frame(LIBRARY, 0x20), 100);
  make();
  cr_expect_eq(diff.count, 1);
  site_diff_free(&diff);
  site_table_free(&before.table);
  site_table_free(&after.table);
  after.process->snapshot.name.pid = 1;
  make();
  cr_expect_eq(diff.count, 2);
}

Test(site_diff, sites_of_one_key_are_added_up, .init = set_up, .fini = tear_down) {
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 100);
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 50);
  site(&after, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 150);
  make();
  cr_assert_eq(diff.count, 1);
  row_is(0, "same", 150, 150);
}

Test(site_diff, categories_part_sites, .init = set_up, .fini = tear_down) {
  site(&before, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 100);
  site(&after, frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 100);
  strcpy(after.process->snapshot.categories[2].name, "other");
  make();
  cr_expect_eq(diff.count, 2);
}

/* A table scales what it shows to the books, this block too; there is no doubt of it on either side. */
Test(site_diff, a_block_that_is_a_sample_for_certain_does_not_change, .init = set_up, .fini = tear_down) {
  struct half *const halves[] = {&before, &after};
  struct site_wishes wishes = {.order = SITES_BY_LIVE, .selection = &selection_all};
  for (size_t i = 0; i < 2; i++) {
    site(halves[i], frame(LIBRARY, 0x10), frame(LIBRARY, 0x20), 1);
    site(halves[i], frame(LIBRARY, 0x11), frame(LIBRARY, 0x20), 30 + 10 * i);
    halves[i]->facts[0].live.bytes = 256000;
    halves[i]->facts[0].live.variance = 0;
    halves[i]->process->snapshot.categories[2].own.live_bytes = 256000 + 35000;
    cr_assert_eq(
        site_table_make(&halves[i]->sites, &halves[i]->process->snapshot, &wishes, &halves[i]->table), 0);
    cr_assert(halves[i]->table.row[0].is_scaled);
    cr_assert_neq(halves[i]->table.row[0].live_bytes, 256000);
  }
  cr_assert_eq(site_diff_make(&before.sampled, &after.sampled, MEASURE_LIVE, &diff), 0);
  cr_assert_eq(diff.count, 2);
  row_is(0, "unclear", 30, 40);
  row_is(1, "same", 1, 1);
}
