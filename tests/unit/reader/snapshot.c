/*
 * Tests of reader/snapshot.c and reader/layout.c: what a good segment says, and that no bad one does harm.
 */
#include "reader/snapshot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct snapshot snapshot;
static struct fault fault;

static int read_bytes(const void *bytes, size_t size) {
  struct segment_file file = fake_segment_file(bytes, size);
  int error = snapshot_read(&file, &snapshot, &fault);
  segment_file_close(&file);
  return error;
}

static int read_segment(void) {
  return read_bytes(&segment, sizeof segment);
}

/* What a snapshot promises, whatever it was read from. */
static void check_promises(void) {
  cr_assert_lt(snapshot.category_count, RATION_CATEGORY_IDS);
  cr_assert(memchr(snapshot.program, 0, sizeof snapshot.program));
  cr_assert(memchr(snapshot.ignored, 0, sizeof snapshot.ignored));
  for (uint32_t id = 1; id <= snapshot.category_count; id++) {
    const struct category_figures *category = &snapshot.categories[id];
    cr_assert(memchr(category->name, 0, sizeof category->name));
    cr_assert_leq(category->parent, snapshot.category_count);
    cr_assert_leq(category->own.live_bytes, category->own.peak_bytes);
  }
}

Test(snapshot, says_what_the_segment_says) {
  fake_segment_fill(&segment);
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  check_promises();
  cr_assert_str_eq(snapshot.program, "victim");
  cr_assert_eq(snapshot.name.pid, (uint32_t)getpid());
  cr_assert_eq(snapshot.category_count, 4);
  const struct figures *own = &snapshot.categories[4].own;
  cr_assert_str_eq(snapshot.categories[4].name, "lib/a.so");
  cr_assert_eq(own->live_bytes, FAKE_A_LIVE);
  cr_assert_eq(own->live_blocks, FAKE_A_ALLOCATIONS - FAKE_A_FREES);
  cr_assert_eq(own->peak_bytes, FAKE_A_PEAK);
  cr_assert_eq(own->peak_error_bytes, RATION_CHARGE_UNIT);
  cr_assert_eq(own->reallocations, 7);
  cr_assert_eq(own->allocated_bytes, 100000);
  cr_assert_eq(own->requested_bytes, 95000);
  cr_assert_eq(snapshot.slabs_owned, 1);
  cr_assert_eq(snapshot.allowance_bytes, RATION_CHARGE_UNIT);
  cr_assert_eq(snapshot.own_allocated_bytes, 100000, "slab 0 holds what was inherited");
}

Test(snapshot, sums_subtrees_and_total) {
  fake_segment_fill(&segment);
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.categories[3].own.allocations, 0);
  cr_assert_eq(snapshot.categories[3].subtree.allocations, FAKE_A_ALLOCATIONS);
  cr_assert_eq(snapshot.categories[3].subtree.live_bytes, FAKE_A_LIVE);
  cr_assert_eq(snapshot.categories[1].subtree.live_bytes, FAKE_A_LIVE + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.categories[1].subtree.live_blocks,
               FAKE_A_ALLOCATIONS - FAKE_A_FREES + FAKE_OTHER_BLOCKS);
  cr_assert_eq(snapshot.total.live_bytes, FAKE_A_LIVE + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.total.peak_bytes, FAKE_A_PEAK + FAKE_OTHER_LIVE);
  cr_assert_eq(snapshot.difference_bytes, 0);
}

Test(snapshot, sees_books_that_do_not_close) {
  fake_segment_fill(&segment);
  segment.rows[1].subtree_charged += 48;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.difference_bytes, 48);
}

Test(snapshot, shows_no_negative_figure) {
  fake_segment_fill(&segment);
  segment.slabs[1].u.tally[4].frees = FAKE_A_ALLOCATIONS + 1;
  segment.slabs[1].u.tally[4].credit = FAKE_A_LIVE + FAKE_A_CREDIT + 1;
  cr_assert_eq(read_segment(), 0);
  cr_assert_eq(snapshot.categories[4].own.live_blocks, 0);
  cr_assert_eq(snapshot.categories[4].own.live_bytes, 0);
}

Test(snapshot, reads_published_categories_only) {
  fake_segment_fill(&segment);
  segment.header.category_row[3] = 0; /* 4 stands behind the gap */
  segment.rows[1].subtree_charged = FAKE_OTHER_LIVE;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.category_count, 2);
  cr_assert_eq(snapshot.total.live_bytes, FAKE_OTHER_LIVE);
}

Test(snapshot, honours_a_wider_stride) {
  struct wide {
    struct fake_segment segment;
    unsigned char more[FAKE_ROWS * 512];
  } *wide = calloc(1, sizeof *wide);
  fake_segment_fill(&segment);
  wide->segment = segment;
  wide->segment.header.segment_bytes = sizeof *wide;
  wide->segment.header.tables[0].stride = 512;
  wide->segment.header.tables[0].offset = offsetof(struct wide, more);
  for (size_t row = 0; row < FAKE_ROWS; row++) {
    memcpy(wide->more + row * 512, &segment.rows[row], sizeof segment.rows[row]);
  }
  cr_assert_eq(read_bytes(wide, sizeof *wide), 0, "%s", fault.words);
  cr_assert_eq(snapshot.categories[4].own.live_bytes, FAKE_A_LIVE);
  free(wide);
}

Test(snapshot, passes_over_tables_of_a_later_minor) {
  fake_segment_fill(&segment);
  segment.header.version_minor = 9;
  segment.header.tables[2] =
      (struct ration_segment_table){.kind = 77, .stride = 8, .offset = sizeof segment.header, .rows = 2};
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
}

Test(snapshot, names_a_foreign_version) {
  fake_segment_fill(&segment);
  segment.header.version_major = 2;
  cr_assert_eq(read_segment(), -EPROTO);
  cr_assert(strstr(fault.words, "version 2.0"), "%s", fault.words);
}

Test(snapshot, tells_one_in_the_making) {
  fake_segment_fill(&segment);
  segment.header.magic = 0;
  cr_assert_eq(read_segment(), -EAGAIN);
}

Test(snapshot, a_passive_process_needs_no_categories) {
  fake_segment_fill(&segment);
  memset(segment.header.category_row, 0, sizeof segment.header.category_row);
  cr_assert_eq(read_segment(), -EBADMSG);
  segment.header.passive = RATION_PASSIVE_OWN_MALLOC;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(snapshot.category_count, 0);
}

Test(snapshot, refuses_an_empty_file) {
  cr_assert_eq(read_bytes("", 0), -EBADMSG);
}

Test(snapshot, refuses_truncation_at_every_offset) {
  fake_segment_fill(&segment);
  for (size_t size = 0; size < sizeof segment; size += size < 4200 ? 1 : 509) {
    cr_assert_eq(read_bytes(&segment, size), -EBADMSG, "%zu bytes", size);
  }
}

Test(snapshot, notices_a_file_that_shrinks) {
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(ftruncate(file.fd, 4096), 0);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), -EBADMSG);
  segment_file_close(&file);
}

Test(snapshot, survives_every_flipped_bit_of_the_header) {
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  size_t refused = 0;
  for (size_t at = 0; at < sizeof segment.header; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      unsigned char byte = ((unsigned char *)&segment)[at];
      unsigned char flipped = (unsigned char)(byte ^ 1u << bit);
      cr_assert_eq(pwrite(file.fd, &flipped, 1, (off_t)at), 1);
      int error = snapshot_read(&file, &snapshot, &fault);
      if (error) {
        refused++;
        cr_assert(error == -EBADMSG || error == -EPROTO || error == -EAGAIN, "%d at %zu", error, at);
        cr_assert_gt(strlen(fault.words), 0);
      } else {
        check_promises();
      }
      cr_assert_eq(pwrite(file.fd, &byte, 1, (off_t)at), 1);
    }
  }
  cr_assert_gt(refused, 64, "magic and version alone are 80 bits");
  segment_file_close(&file);
}

Test(snapshot, survives_random_tables) {
  srand(1);
  for (int round = 0; round < 500; round++) {
    fake_segment_fill(&segment);
    unsigned char *bytes = (unsigned char *)&segment;
    for (int i = 0; i < 64; i++) {
      bytes[8 + (size_t)rand() % (sizeof segment - 8)] = (unsigned char)rand();
    }
    if (read_segment() == 0) check_promises();
  }
}

Test(snapshot, refuses_random_bytes) {
  srand(2);
  for (int round = 0; round < 200; round++) {
    unsigned char *bytes = (unsigned char *)&segment;
    for (size_t i = 0; i < sizeof segment; i++) bytes[i] = (unsigned char)rand();
    cr_assert_eq(read_segment(), -EBADMSG);
    segment.header.magic = RATION_SEGMENT_MAGIC;
    segment.header.version_major = RATION_SEGMENT_MAJOR;
    cr_assert_neq(read_segment(), 0);
  }
}

/* The parents of hostile rows may form rings. */
Test(snapshot, refuses_rings_of_categories) {
  fake_segment_fill(&segment);
  segment.rows[3].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.rows[4].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.rows[1].parent = 4;
  cr_assert_eq(read_segment(), -EBADMSG);
}

Test(snapshot, refuses_absurd_counts) {
  fake_segment_fill(&segment);
  segment.header.slab_count = FAKE_SLABS + 1;
  cr_assert_eq(read_segment(), -EBADMSG);
  segment.header.slab_count = UINT32_MAX;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.category_row[4] = FAKE_ROWS;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.tables[0].rows = UINT64_MAX;
  cr_assert_eq(read_segment(), -EBADMSG);
  fake_segment_fill(&segment);
  segment.header.tables[1].offset = UINT64_MAX - 7;
  cr_assert_eq(read_segment(), -EBADMSG);
}

/* A sparse file of a terabyte, all of it slabs, costs neither its size in memory nor its length in time. */
Test(snapshot, is_not_impressed_by_a_terabyte) {
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  file.bytes = UINT64_C(1) << 40;
  cr_assert_eq(ftruncate(file.fd, (off_t)file.bytes), 0);
  segment.header.segment_bytes = file.bytes;
  segment.header.tables[1].rows = (file.bytes - segment.header.tables[1].offset) / sizeof segment.slabs[0];
  segment.header.slab_count = (uint32_t)segment.header.tables[1].rows;
  cr_assert_eq(pwrite(file.fd, &segment.header, sizeof segment.header, 0), (ssize_t)sizeof segment.header);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), -EBADMSG);
  segment_file_close(&file);
}
