/*
 * Tests of reader/size_table.c: what has come and what lives, and hostile bytes.
 */
#include "reader/size_table.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"

#define CATEGORIES 4
#define SITES      8
#define SAMPLES    1024
#define ONE        RATION_WEIGHT_ONE

static struct large {
  struct fake_segment segment;
  struct ration_segment_site sites[SITES];
  struct ration_segment_sample samples[SAMPLES];
  struct ration_segment_sizes sizes[RATION_CATEGORY_IDS];
} large;
static struct size_table table;
static struct fault fault;

static uint64_t key_of(uint64_t category) {
  return category << 40;
}

/* 100 blocks of 60 bytes and 3 of 1000 in lib/a.so, of which samples for 10 and 1 live; one of 24 in `other`. */
static void set_up(void) {
  fake_segment_fill(&large.segment);
  fake_segment_add_tables(&large.segment);
  const struct ration_segment_table tables[] = {
      {RATION_TABLE_SITES, sizeof large.sites[0], offsetof(struct large, sites), SITES},
      {RATION_TABLE_SAMPLES, sizeof large.samples[0], offsetof(struct large, samples), SAMPLES},
      {RATION_TABLE_SIZES, sizeof large.sizes[0], offsetof(struct large, sizes), RATION_CATEGORY_IDS},
  };
  struct ration_segment_header *header = &large.segment.header;
  memcpy(&header->tables[FAKE_TABLES], tables, sizeof tables);
  header->segment_bytes = sizeof large;
  large.segment.process.sample_mean = 512 << 10;
  large.segment.process.sizes_lost = 7;
  large.segment.process.sample_count = SAMPLES;
  large.sites[1].key = key_of(4);
  large.sites[2].key = key_of(2);
  large.samples[5] =
      (struct ration_segment_sample){.address = 0x1000, .usable = 60, .weight = 10 * ONE, .site = 1};
  large.samples[900] =
      (struct ration_segment_sample){.address = 0x2000, .usable = 1000, .weight = ONE, .site = 1};
  large.samples[901] =
      (struct ration_segment_sample){.address = 0x3000, .usable = 24, .weight = ONE, .site = 2};
  large.sizes[4].classes[8] = (struct ration_segment_size_class){
      .own_blocks = 60 * ONE, .own_bytes = 4000, .blocks = 40 * ONE, .bytes = 2000};
  large.sizes[4].classes[24] = (struct ration_segment_size_class){.own_blocks = 3 * ONE, .own_bytes = 3000};
}

static int read_table(uint32_t categories) {
  struct segment_file file = fake_segment_file(&large, sizeof large);
  int error = size_table_read(&file, categories, &table, &fault);
  segment_file_close(&file);
  return error;
}

static void check(uint32_t category, uint32_t size_class, struct size_figures expected) {
  const struct size_figures *figures = &table.category[category].of[size_class];
  cr_expect_eq(figures->blocks, expected.blocks, "%u, class %u: %g", category, size_class, figures->blocks);
  cr_expect_eq(figures->bytes, expected.bytes, "%u, class %u: %g", category, size_class, figures->bytes);
  cr_expect_eq(figures->live_blocks, expected.live_blocks, "%u, class %u", category, size_class);
  cr_expect_eq(figures->live_bytes, expected.live_bytes, "%u, class %u", category, size_class);
}

Test(size_table, has_all_blocks_and_those_that_live, .init = set_up) {
  cr_assert_eq(read_table(CATEGORIES), 0, "%s", fault.words);
  cr_expect(table.is_kept);
  cr_expect_eq(table.facts.sample_mean, 512 << 10);
  cr_expect_eq(table.facts.sizes_lost, 7);
  cr_expect_eq(size_table_up_to(8), 64);
  cr_expect_eq(size_table_up_to(24), 1024);
  cr_expect_eq(size_table_up_to(RATION_SIZE_CLASSES - 1), UINT64_MAX);
  check(4, 8, (struct size_figures){100, 6000, 10, 600});
  check(4, 24, (struct size_figures){3, 3000, 1, 1000});
  check(2, 2, (struct size_figures){1, 24, 1, 24}); /* no less has come than lives */
  check(4, 9, (struct size_figures){0});
  size_table_free(&table);
}

/* Of a category that is not known here, of a site that is none, and rows that are free or half written. */
Test(size_table, passes_over_what_it_cannot_place, .init = set_up) {
  large.sites[1].key = key_of(9);
  large.samples[901].site = SITES + 1;
  large.samples[902] = (struct ration_segment_sample){.address = 0x4000, .weight = ONE, .site = 2};
  large.samples[903] =
      (struct ration_segment_sample){.address = 0x5000, .usable = 24, .weight = ONE, .site = 3};
  cr_assert_eq(read_table(CATEGORIES), 0, "%s", fault.words);
  for (uint32_t id = 0; id <= CATEGORIES; id++)
    for (uint32_t c = 0; c < RATION_SIZE_CLASSES; c++) cr_expect_eq(table.category[id].of[c].live_blocks, 0);
  check(4, 8, (struct size_figures){100, 6000, 0, 0});
  size_table_free(&table);
}

Test(size_table, needs_no_table, .init = set_up) {
  for (size_t i = 0; i < 3; i++) large.segment.header.tables[FAKE_TABLES + i].rows = 0;
  cr_assert_eq(read_table(CATEGORIES), 0, "%s", fault.words);
  cr_expect_not(table.is_kept);
  check(4, 8, (struct size_figures){0});
  size_table_free(&table);
  set_up();
  large.segment.header.tables[FAKE_TABLES + 2].rows = 3; /* fewer than there are categories */
  cr_assert_eq(read_table(CATEGORIES), 0, "%s", fault.words);
  check(4, 8, (struct size_figures){10, 600, 10, 600});
  size_table_free(&table);
}

Test(size_table, refuses_rows_that_are_too_narrow, .init = set_up) {
  large.segment.header.tables[FAKE_TABLES + 2].stride = sizeof large.sizes[0] - 8;
  cr_assert_eq(read_table(CATEGORIES), -EBADMSG);
}

/* No figure is below 0, or what is no number; and no class has less than lives. */
Test(size_table, survives_any_bytes, .init = set_up) {
  uint64_t *words = (uint64_t *)(void *)((char *)&large + offsetof(struct large, sites));
  srand(11);
  for (size_t i = 0; i < (sizeof large - offsetof(struct large, sites)) / 8; i++)
    words[i] = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand() >> 9;
  for (size_t i = 0; i < SAMPLES; i++) large.samples[i].site %= SITES + 2;
  for (size_t i = 0; i < SITES; i++) large.sites[i].key = (uint64_t)rand() << 32 | i;
  large.segment.header.category_row[5] = 0;
  cr_assert_eq(read_table(255), 0, "%s", fault.words);
  for (uint32_t id = 0; id <= 255; id++) {
    for (uint32_t c = 0; c < RATION_SIZE_CLASSES; c++) {
      const struct size_figures *figures = &table.category[id].of[c];
      cr_assert(figures->live_blocks >= 0 && figures->live_blocks < 1e20 && figures->live_bytes >= 0);
      if (id == 0) continue;
      cr_assert(figures->blocks >= figures->live_blocks && figures->bytes >= figures->live_bytes);
    }
  }
  size_table_free(&table);
}
