/*
 * Tests of reader/misuse_count.h: what a snapshot knows of misuses that the ring still tells of.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "reader/fake_segment.h"
#include "reader/snapshot.h"

static struct fake_segment segment;
static struct snapshot snapshot;

/* Of the tickets that the ring holds 8, 9 and 12 are of misuse now, and 10, which is just being written. */
static void fill(void) {
  const uint64_t tickets[] = {8, 9, 10, 12}, misuses[] = {RATION_MISUSE_LATE_WRITE, RATION_MISUSE_OVERRUN,
                                                          RATION_MISUSE_LATE_WRITE, RATION_MISUSE_LATE_WRITE};
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
  for (size_t i = 0; i < 4; i++) {
    struct ration_segment_event *event = &segment.events[tickets[i] % FAKE_EVENTS];
    event->what = RATION_EVENT_MISUSE | UINT64_C(4) << 24;
    event->limit = misuses[i];
  }
  segment.process.late_writes = 5;
}

static void read_snapshot(void) {
  struct fault fault;
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
}

static void check(uint64_t late_writes, uint64_t overruns) {
  read_snapshot();
  cr_expect_eq(snapshot.misuses.events[RATION_MISUSE_DOUBLE_FREE], 0);
  cr_expect_eq(snapshot.misuses.events[RATION_MISUSE_WILD_FREE], 0);
  cr_expect_eq(snapshot.misuses.events[RATION_MISUSE_LATE_WRITE], late_writes);
  cr_expect_eq(snapshot.misuses.events[RATION_MISUSE_OVERRUN], overruns);
}

Test(misuse_count, counts_whole_events, .init = fill) {
  check(2, 1);
}

Test(misuse_count, looks_only_where_something_is_noticed, .init = fill) {
  segment.process.late_writes = 0;
  check(0, 0);
}

Test(misuse_count, passes_over_what_a_newer_version_notes, .init = fill) {
  segment.events[9 % FAKE_EVENTS].limit = RATION_MISUSE_OVERRUN + 1;
  segment.events[12 % FAKE_EVENTS].limit = UINT64_MAX;
  check(1, 0);
}

Test(misuse_count, a_ring_that_cannot_be_has_none, .init = fill) {
  struct ration_segment_table *tables = segment.header.tables;
  for (size_t i = 0; i < RATION_SEGMENT_TABLES; i++)
    if (tables[i].kind == RATION_TABLE_EVENTS) tables[i].kind = 1000;
  check(0, 0);
}
