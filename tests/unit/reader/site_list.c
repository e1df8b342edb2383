/*
 * Tests of reader/site_list.c, module_list.c and sample_list.c: what good tables say, and that no bad ones do harm.
 */
#include "reader/site_list.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/fake_segment.h"
#include "reader/sample_list.h"

#define CATEGORIES 4

static struct fake_segment segment;
static struct site_list sites;
static struct fault fault;

static void set_up(void) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  fake_segment_add_sites(&segment);
}

static int read_sites(void) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  int error = site_list_read(&file, CATEGORIES, &sites, &fault);
  segment_file_close(&file);
  return error;
}

static const struct site_facts *site_of(uint32_t row) {
  const struct site_facts *site = site_list_of_row(&sites, row);
  cr_assert_not_null(site, "row %u", row);
  return site;
}

Test(site_list, adds_up_what_the_owner_and_the_others_have_counted, .init = set_up) {
  cr_assert_eq(read_sites(), 0, "%s", fault.words);
  cr_assert_eq(sites.count, 3, "rows 2 and 3 are one site, row 5 is not there yet");
  const struct site_facts *site = site_of(1);
  cr_expect_eq(site->category, 4);
  cr_expect_eq(site->total.samples, 10);
  cr_expect_eq(site->total.blocks, 1000);
  cr_expect_eq(site->total.bytes, 100000);
  cr_expect_float_eq(site->total.variance, 1e9, 1);
  cr_expect_eq(site->live.samples, 4);
  cr_expect_eq(site->live.blocks, 400);
  cr_expect_eq(site->live.bytes, 40000);
  cr_expect_float_eq(site->live.variance, 4e8, 1);
  cr_expect_eq(site->slack_bytes, 4000);
  cr_expect_eq(site->reallocations, 100);
  cr_expect_eq(site->temporary_blocks, 7);
  cr_expect_eq(site->lifetimes[0], 600);
  cr_expect_eq(site->largest_bytes, 120);
  cr_expect_eq(site->peak_bytes, 80000);
  cr_expect_eq(site->at_process_peak_bytes, 70000);
  cr_expect_eq(site->at_category_peak_bytes, 40000, "the category's peak came later, when it was as now");
  cr_expect_eq(site->frame_count, 3);
  cr_expect_eq(site->frames[0], UINT64_C(3) << 48 | 0x1111);
  cr_expect_eq(sites.facts.stacks_truncated, 2);
  site_list_free(&sites);
}

Test(site_list, takes_rows_of_one_site_for_one, .init = set_up) {
  cr_assert_eq(read_sites(), 0, "%s", fault.words);
  cr_assert_eq(site_of(2), site_of(3));
  cr_expect_eq(site_of(2)->total.bytes, 500);
  cr_expect_eq(site_of(2)->largest_bytes, 300);
  cr_expect_null(site_list_of_row(&sites, 0));
  cr_expect_null(site_list_of_row(&sites, 5), "not there yet");
  cr_expect_null(site_list_of_row(&sites, (uint32_t)sites.row_count));
  cr_expect_null(site_list_of_row(&sites, UINT32_MAX));
  cr_expect_eq(site_of(4)->frame_count, 0);
  cr_expect_eq(site_of(4)->flags, RATION_SITE_INCOMPLETE);
  cr_expect_str_eq(module_list_name(&sites.modules, 3), "a.so");
  cr_expect_str_eq(module_list_name(&sites.modules, 0), "?");
  cr_expect_str_eq(module_list_name(&sites.modules, 77), "?");
  site_list_free(&sites);
}

Test(site_list, of_a_segment_without_samples_is_empty) {
  fake_segment_fill(&segment);
  cr_assert_eq(read_sites(), 0, "%s", fault.words);
  cr_assert_eq(sites.count, 0);
  site_list_free(&sites);
}

/* A moment between two stores of another thread: more has ended than has begun. */
Test(site_list, has_no_figure_below_0, .init = set_up) {
  segment.sites[1].own.freed_bytes = 200000;
  segment.sites[1].own.freed_samples = 30;
  segment.sites[1].own.lifetimes[3] = 5000 * RATION_WEIGHT_ONE;
  cr_assert_eq(read_sites(), 0, "%s", fault.words);
  cr_expect_eq(site_of(1)->live.bytes, 0);
  cr_expect_eq(site_of(1)->live.samples, 0);
  cr_expect_eq(site_of(1)->live.blocks, 0);
  site_list_free(&sites);
}

/* What a list promises, whatever it was read from. */
static void check_promises(void) {
  for (size_t i = 0; i < sites.count; i++) {
    const struct site_facts *site = &sites.site[i];
    cr_assert(site->category > 0 && site->category <= CATEGORIES);
    cr_assert_leq(site->frame_count, RATION_SITE_FRAMES_MOST);
    cr_assert(site->live.bytes >= 0 && site->live.variance >= 0 && site->total.bytes >= 0);
    for (uint32_t j = 0; j < site->frame_count; j++) {
      uint32_t module = RATION_FRAME_MODULE(site->frames[j]);
      cr_assert(module == 0 || module < sites.modules.count);
    }
  }
  for (size_t i = 1; i < sites.modules.count; i++) {
    const struct module_facts *module = &sites.modules.module[i];
    cr_assert_leq(module->build_id_bytes, RATION_BUILD_ID_BYTES);
    cr_assert_not_null(memchr(module->path, 0, sizeof module->path));
    cr_assert(module->same > 0 && module->same <= i);
  }
}

Test(site_list, survives_random_tables) {
  srand(7);
  for (int round = 0; round < 2000; round++) {
    set_up();
    unsigned char *bytes = (unsigned char *)&segment;
    size_t first = offsetof(struct fake_segment, sites), end = offsetof(struct fake_segment, samples);
    for (int i = 0; i < 40; i++) bytes[first + (size_t)rand() % (end - first)] = (unsigned char)rand();
    for (int i = 0; i < 4; i++)
      bytes[offsetof(struct fake_segment, process) + (size_t)rand() % sizeof segment.process] =
          (unsigned char)rand();
    if (read_sites() != 0) continue;
    check_promises();
    site_list_free(&sites);
  }
}

Test(site_list, survives_every_flipped_bit_of_a_key, .init = set_up) {
  for (unsigned bit = 0; bit < 64; bit++) {
    set_up();
    segment.sites[1].key ^= UINT64_C(1) << bit;
    if (read_sites() != 0) continue;
    check_promises();
    site_list_free(&sites);
  }
}

Test(site_list, notices_a_file_that_shrinks, .init = set_up) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(ftruncate(file.fd, offsetof(struct fake_segment, frames)), 0);
  cr_assert_eq(site_list_read(&file, CATEGORIES, &sites, &fault), -EBADMSG);
  cr_assert_gt(strlen(fault.words), 0);
  segment_file_close(&file);
}

/* ---- samples ------------------------------------------------------------------------------------------- */

Test(sample_list, has_the_blocks_that_live, .init = set_up) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  struct layout layout;
  struct sample_list samples;
  segment.samples[500].address = 0x30; /* being written: after this the file has it */
  cr_assert_eq(layout_read(&file, &layout, &fault), 0);
  cr_assert_eq(sample_list_read(&file, &layout, &samples), 0);
  cr_assert_eq(samples.count, 2);
  uint64_t bytes = samples.sample[0].usable_bytes + samples.sample[1].usable_bytes;
  cr_expect_eq(bytes, 220);
  cr_expect_eq(samples.sample[0].blocks, 100);
  sample_list_free(&samples);
  segment_file_close(&file);
}

Test(sample_list, finds_the_category_of_a_block, .init = set_up) {
  char folder[PATH_MAX], path[PATH_MAX];
  uint32_t category = 0;
  fake_folder_make(folder);
  fake_segment_save(&segment, sizeof segment, folder, "segment", path);
  cr_expect_eq(sample_list_category(path, false, 0x10010, &category, &fault), 0, "%s", fault.words);
  cr_expect_eq(category, 4);
  cr_expect_eq(sample_list_category(path, false, 0x20020, &category, &fault), 0, "%s", fault.words);
  cr_expect_eq(category, 2);
  cr_expect_eq(sample_list_category(path, false, 0x40040, &category, &fault), -ENOENT);
  fake_folder_remove(folder);
}
