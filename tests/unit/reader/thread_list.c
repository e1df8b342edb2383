/*
 * Tests of reader/thread_list.c: whose counts are whose, and numbers that cannot be.
 */
#include "reader/thread_list.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct thread_list list;
static struct fault fault;

static void fill(void) {
  fake_segment_fill(&segment);
  memcpy(segment.slabs[1].u.head.name, "worker", 6);
}

static void tear_down(void) {
  thread_list_free(&list);
}

static void read_segment(void) {
  thread_list_free(&list);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(thread_list_read(&file, &list, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
}

static void check(const struct thread_facts *facts, uint64_t allocations, uint64_t frees, uint64_t bytes) {
  cr_expect_eq(facts->allocations, allocations, "%lu", (unsigned long)facts->allocations);
  cr_expect_eq(facts->frees, frees, "%lu", (unsigned long)facts->frees);
  cr_expect_eq(facts->allocated_bytes, bytes, "%lu", (unsigned long)facts->allocated_bytes);
}

Test(thread_list, is_of_owners_and_of_the_rest, .init = fill, .fini = tear_down) {
  read_segment();
  cr_assert_eq(list.count, 1);
  cr_expect_eq(list.thread[0].tid, (uint32_t)getpid());
  cr_expect_str_eq(list.thread[0].name, "worker");
  check(&list.thread[0], FAKE_A_ALLOCATIONS, FAKE_A_FREES, 100000);
  cr_expect_eq(list.rest.tid, 0);
  check(&list.rest, FAKE_OTHER_BLOCKS, 0, FAKE_OTHER_LIVE);
}

Test(thread_list, leaves_to_the_rest_what_was_before_the_owner, .init = fill, .fini = tear_down) {
  struct ration_segment_slab_head *head = &segment.slabs[1].u.head;
  head->allocations_before = 900;
  head->frees_before = 399;
  head->allocated_bytes_before = 99000;
  read_segment();
  check(&list.thread[0], 100, 1, 1000);
  check(&list.rest, 900 + FAKE_OTHER_BLOCKS, 399, 99000 + FAKE_OTHER_LIVE);
  head->owner = 0;
  read_segment();
  cr_assert_eq(list.count, 0);
  check(&list.rest, FAKE_A_ALLOCATIONS + FAKE_OTHER_BLOCKS, FAKE_A_FREES, 100000 + FAKE_OTHER_LIVE);
}

Test(thread_list, has_the_largest_first, .init = fill, .fini = tear_down) {
  segment.header.slab_count = 3;
  segment.slabs[2].u.head.owner = 1;
  segment.slabs[2].u.tally[2] = (struct ration_segment_tally){.allocations = 1, .allocated_bytes = 100001};
  read_segment();
  cr_assert_eq(list.count, 2);
  cr_expect_eq(list.thread[0].tid, 1);
  cr_expect_str_eq(list.thread[0].name, "", "not known");
  segment.slabs[2].u.tally[2].allocated_bytes = 1;
  read_segment();
  cr_expect_eq(list.thread[1].tid, 1);
}

/* More before than now, an owner of the slab that is shared, a name without an end. */
Test(thread_list, believes_no_number, .init = fill, .fini = tear_down) {
  struct ration_segment_slab_head *head = &segment.slabs[1].u.head;
  segment.slabs[0].u.head.owner = 99;
  head->allocations_before = head->frees_before = head->allocated_bytes_before = UINT64_MAX;
  memset(head->name, 'x', sizeof head->name);
  read_segment();
  cr_assert_eq(list.count, 1);
  check(&list.thread[0], 0, 0, 0);
  check(&list.rest, FAKE_A_ALLOCATIONS + FAKE_OTHER_BLOCKS, FAKE_A_FREES, 100000 + FAKE_OTHER_LIVE);
  cr_expect_str_eq(list.thread[0].name, "xxxxxxxxxxxxxxx");
  srand(5);
  for (int round = 0; round < 300; round++) {
    unsigned char *bytes = (unsigned char *)segment.slabs;
    for (int i = 0; i < 64; i++) bytes[(size_t)rand() % sizeof segment.slabs] = (unsigned char)rand();
    read_segment();
    cr_assert_leq(list.count, FAKE_SLABS);
  }
}

Test(thread_list, of_a_file_that_ends_early_says_so, .init = fill) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(ftruncate(file.fd, (off_t)offsetof(struct fake_segment, slabs) + 100), 0);
  cr_expect_eq(thread_list_read(&file, &list, &fault), -EBADMSG);
  segment_file_close(&file);
}

Test(thread_list, follows_names, .init = fill, .fini = tear_down) {
  cr_assert_eq(pthread_setname_np(pthread_self(), "a\nb"), 0);
  read_segment();
  thread_list_follow_names(&list, (uint32_t)getpid());
  cr_expect_str_eq(list.thread[0].name, "a\nb");
  list.thread[0].tid = UINT32_MAX;
  strcpy(list.thread[0].name, "stays");
  thread_list_follow_names(&list, (uint32_t)getpid());
  cr_expect_str_eq(list.thread[0].name, "stays");
}
