/*
 * segment.c: tests of src/model/segment.c.
 */
#include "model/segment.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "model/charge.h"
#include "model/fresh_segment.h"
#include "model/tally.h"

Test(segment, has_the_sizes_that_it_says) {
  cr_assert_lt(segment_bytes(0), 2 << 20, "a small one");
  cr_assert_eq(segment_bytes(1024), segment_bytes(0) + 1024 * 16384);
  cr_assert_gt(segment_bytes(1025), segment_bytes(1024) + 16384 + (8 << 20), "and the timeline");
  cr_assert_leq(segment_bytes(SEGMENT_SLABS_MOST), (size_t)SEGMENT_PAGES_MOST * SEGMENT_PAGE);
  cr_assert_leq(segment_first_bytes(), 65536);
  cr_assert_eq(segment_first_bytes() % SEGMENT_PAGE, 0);
}

Test(segment, slabs_within_a_size_fit_it) {
  cr_assert_eq(segment_slabs_within(0), 0);
  cr_assert_eq(segment_slabs_within(segment_bytes(0) - 1), 0);
  cr_assert_eq(segment_slabs_within(segment_bytes(0)), 0);
  for (uint32_t slabs = 1; slabs <= SEGMENT_SLABS_MOST; slabs++) {
    cr_assert_eq(segment_slabs_within(segment_bytes(slabs)), slabs);
    cr_assert_eq(segment_slabs_within(segment_bytes(slabs) - 1), slabs - 1);
  }
  cr_assert_eq(segment_slabs_within(UINT64_MAX), SEGMENT_SLABS_MOST);
}

Test(segment, directory_leads_to_the_tables) {
  struct segment segment = fresh_segment(7);
  const struct ration_segment_header *header = segment.header;
  const unsigned char *start = (const unsigned char *)header;
  cr_assert_eq(header->version_major, RATION_SEGMENT_MAJOR);
  cr_assert_eq(header->version_minor, RATION_SEGMENT_MINOR);
  cr_assert_eq(header->header_bytes, sizeof *header);
  cr_assert_eq(header->segment_bytes, segment_bytes(7));
  cr_assert_eq(header->slab_count, 1);
  cr_assert_eq(header->tables[0].kind, RATION_TABLE_CATEGORIES);
  cr_assert_eq(header->tables[0].stride, sizeof(struct ration_segment_category));
  cr_assert_eq((const void *)(start + header->tables[0].offset), (const void *)segment.categories);
  cr_assert_eq(header->tables[1].kind, RATION_TABLE_SLABS);
  cr_assert_eq(header->tables[1].stride, sizeof(struct ration_segment_slab));
  cr_assert_eq(header->tables[1].rows, 7);
  cr_assert_eq((const void *)(start + header->tables[1].offset), (const void *)segment.slabs);
  cr_assert_eq(header->tables[1].offset + 7 * sizeof *segment.slabs, header->segment_bytes);
  cr_assert_leq(header->tables[0].offset + header->tables[0].rows * sizeof *segment.categories,
                header->tables[1].offset);
  for (uint32_t i = 0; i < RATION_SEGMENT_TABLES; i++)
    cr_assert_eq(header->tables[i].kind, i < RATION_TABLE_CLASSES ? i + 1 : 0);

  cr_assert_eq(segment_slabs(&segment), 7);
  cr_assert(segment_is_valid(&segment));
}

/* In the order of the file, each behind the one before, and as large as its rows. */
Test(segment, tables_lie_side_by_side) {
  struct segment segment = fresh_segment(3);
  const struct ration_segment_header *header = segment.header;
  const struct {
    uint32_t kind;
    const void *memory;
    size_t bytes;
  } expected[] = {
      {RATION_TABLE_PROCESS, segment.process, sizeof *segment.process},
      {RATION_TABLE_CONTROL, segment.control, sizeof *segment.control},
      {RATION_TABLE_CATEGORIES, segment.categories, SEGMENT_CATEGORY_ROWS * sizeof *segment.categories},
      {RATION_TABLE_ACCOUNTS, segment.accounts, RATION_CATEGORY_IDS * sizeof *segment.accounts},
      {RATION_TABLE_RANGES, segment.ranges, SEGMENT_RANGES_MOST * sizeof *segment.ranges},
      {RATION_TABLE_RULES, segment.rules, SEGMENT_RULES_MOST * sizeof *segment.rules},
      {RATION_TABLE_TEXT, segment.text, SEGMENT_TEXT_BYTES},
      {RATION_TABLE_BUDGETS, segment.budgets, RATION_CATEGORY_IDS * sizeof *segment.budgets},
      {RATION_TABLE_REFUSALS, segment.refusals, SEGMENT_REFUSALS_MOST * sizeof *segment.refusals},
      {RATION_TABLE_HANDLERS, segment.handlers, SEGMENT_HANDLERS_MOST * sizeof *segment.handlers},
      {RATION_TABLE_EVENTS, segment.events, SEGMENT_EVENTS * sizeof *segment.events},
      {RATION_TABLE_MODULES, segment.modules, 128 * sizeof *segment.modules},
      {RATION_TABLE_SITES, segment.sites, 1024 * sizeof *segment.sites},
      {RATION_TABLE_SITE_INDEX, segment.site_index, 2048 * sizeof *segment.site_index},
      {RATION_TABLE_FRAMES, segment.frames, 32768 * sizeof *segment.frames},
      {RATION_TABLE_STREAM, segment.stream, 1024 * sizeof *segment.stream},
      {RATION_TABLE_SAMPLE_INDEX, segment.sample_index, 5 * 1024 * sizeof *segment.sample_index},
      {RATION_TABLE_SAMPLES, segment.samples, 5 * 1024 * sizeof *segment.samples},
      {RATION_TABLE_SLABS, segment.slabs, 3 * sizeof *segment.slabs},
  };
  const unsigned char *end = (const unsigned char *)(header + 1);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const struct ration_segment_table *table = header->tables;
    while (table->kind != expected[i].kind) cr_assert_lt(++table - header->tables, RATION_SEGMENT_TABLES);
    cr_assert_eq((const unsigned char *)header + table->offset, expected[i].memory);
    cr_assert_eq(table->rows * table->stride, expected[i].bytes);
    cr_assert_geq((const unsigned char *)expected[i].memory, end);
    end = (const unsigned char *)expected[i].memory + expected[i].bytes;
  }
  cr_assert_eq(end, (const unsigned char *)header + header->segment_bytes);
}

Test(segment, is_no_segment_before_it_is_published) {
  struct segment segment = fresh_segment(1);
  cr_assert_eq(segment.header->magic, 0);
  segment_publish(&segment);
  cr_assert_arr_eq(segment.header, "RATION\0\0", 8);
}

static int refuse(void *memory, size_t bytes) {
  return memory && bytes ? -EFAULT : 0;
}

Test(segment, without_memory_for_slab_0_is_not_laid_out) {
  struct segment segment = fresh_segment(1), other = {.slab_limit = 77};
  cr_assert_eq(segment_lay_out(segment.header, 1, refuse, &other), -EFAULT);
  cr_assert_eq(other.slab_limit, 77);
}

/* Each breach alone is seen. */
static struct segment sound_segment(uint32_t *ret_leaf) {
  struct segment segment = fresh_segment(3);
  fresh_segment_use_slabs(&segment, 3);
  *ret_leaf = fresh_segment_add(&segment, "a/b");
  cr_assert_eq(plain_take(&segment, *ret_leaf, segment_tally(&segment, 1, *ret_leaf), 100), 0);
  cr_assert_eq(plain_take(&segment, *ret_leaf, segment_tally(&segment, 2, *ret_leaf), 200), 0);
  cr_assert(segment_is_valid(&segment));
  return segment;
}

Test(segment, with_more_credit_than_charged_is_not_valid) {
  uint32_t leaf;
  struct segment segment = sound_segment(&leaf);
  segment_tally(&segment, 1, leaf)->credit += 4096;
  segment_tally(&segment, 2, leaf)->credit += 4096;
  cr_assert_not(segment_is_valid(&segment));
}

Test(segment, with_allowances_that_do_not_add_up_is_not_valid) {
  uint32_t leaf;
  struct segment segment = sound_segment(&leaf);
  segment_tally(&segment, 1, leaf)->allowance += RATION_CHARGE_UNIT;
  cr_assert_not(segment_is_valid(&segment));
}

Test(segment, with_credit_in_the_shared_slab_is_not_valid) {
  uint32_t leaf;
  struct segment segment = sound_segment(&leaf);
  *segment_tally(&segment, 0, leaf) = *segment_tally(&segment, 1, leaf);
  *segment_tally(&segment, 1, leaf) = (struct ration_segment_tally){0};
  cr_assert_not(segment_is_valid(&segment));
}

Test(segment, whose_subtrees_do_not_add_up_is_not_valid) {
  uint32_t leaf;
  struct segment segment = sound_segment(&leaf);
  segment_category(&segment, segment_category(&segment, leaf)->parent)->subtree_charged++;
  cr_assert_not(segment_is_valid(&segment));
}

Test(segment, with_a_peak_below_its_charge_is_not_valid) {
  uint32_t leaf;
  struct segment segment = sound_segment(&leaf);
  segment_category(&segment, RATION_CATEGORY_TOTAL)->subtree_peak = 0;
  cr_assert_not(segment_is_valid(&segment));
  segment = sound_segment(&leaf);
  segment_category(&segment, leaf)->own_peak--;
  cr_assert_not(segment_is_valid(&segment));
}
