/*
 * slab.c: tests of src/track/slab.c.
 */
#include "track/slab.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/wait.h>

#include "os/process.h"
#include "track/tracked.h"

static void *allocate_one(void *ret_block) {
  void **block = ret_block;
  *block = tracked_malloc(1000);
  return NULL;
}

static void *run_thread(void *(*body)(void *), void *argument) {
  pthread_t other;
  void *result;
  cr_assert_eq(pthread_create(&other, NULL, body, argument), 0);
  cr_assert_eq(pthread_join(other, &result), 0);
  return result;
}

Test(slab, passes_from_thread_to_thread_with_its_counts) {
  enum { THREADS = 300 };
  void *blocks[THREADS];
  tracked_start();
  uint32_t own = tracked_own();
  uint64_t usable = 0;
  for (int i = 0; i < THREADS; i++) {
    run_thread(allocate_one, &blocks[i]);
    usable += heap_usable(blocks[i]);
    cr_assert_leq(segment.header->slab_count, 2, "one after the other, they all have the same one");
  }
  struct books books = books_sum(&segment, own);
  cr_expect_eq(books.allocations, THREADS);
  cr_expect_eq(books.live_bytes, usable);
  cr_expect_eq(books.credit, 0, "it was given back");
  cr_expect(segment_is_valid(&segment));
  for (int i = 0; i < THREADS; i++) tracked_free(blocks[i]);
  cr_assert_eq(books_sum(&segment, own).live_bytes, 0);
}

Test(slab, says_whose_it_is) {
  tracked_start();
  tracked_free(tracked_malloc(1));
  cr_assert_eq(segment.slabs[thread.record->slab].u.head.owner, process_thread_id());
  void *block;
  run_thread(allocate_one, &block);
  cr_assert_eq(segment.slabs[2].u.head.owner, 0, "nobody's, once its thread has ended");
  tracked_free(block);
}

static void *allocate_and_free(void *unused) {
  (void)unused;
  pthread_setname_np(pthread_self(), "second");
  for (int i = 0; i < 3; i++) tracked_free(tracked_malloc(1000));
  return tracked_malloc(1000);
}

/* Slabs 1 and 2; who has the second is the thread that came last. */
Test(slab, keeps_what_was_counted_before_its_owner_and_how_that_is_called) {
  tracked_start();
  void *first, *second;
  run_thread(allocate_one, &first);
  uint64_t usable = heap_usable(first);
  const struct ration_segment_slab_head *head = &segment.slabs[1].u.head;
  cr_expect_eq(head->allocations_before, 0);
  second = run_thread(allocate_and_free, NULL);
  cr_expect_eq(head->allocations_before, 1);
  cr_expect_eq(head->frees_before, 0);
  cr_expect_eq(head->allocated_bytes_before, usable);
  cr_expect_eq(strcmp((const char *)head->name, "second"), 0);
  cr_expect_eq(head->owner, 0);
  tracked_free(first);
  tracked_free(second); /* not by it: see slab_ready_for_free */
  tracked_free(tracked_malloc(1));
  cr_expect_eq(head->owner, process_thread_id(), "this thread has it now");
  cr_expect_eq(head->allocations_before, 5);
  cr_expect_eq(head->frees_before, 3);
}

static void check_event(uint64_t ticket, uint8_t kind, const char *name) {
  const struct ration_segment_event *event = &segment.events[ticket];
  cr_expect_eq(event->what, kind, "event %lu", (unsigned long)ticket);
  cr_expect_eq(strcmp((const char *)&event->limit, name), 0, "%s", (const char *)&event->limit);
  cr_expect_eq(event->detail, 1, "the slab");
  cr_expect_neq(event->who, 0);
  cr_expect_geq(event->at, segment.process->started_at);
}

Test(slab, says_when_a_thread_has_come_and_gone) {
  tracked_start();
  uint64_t first = segment.process->events_next;
  tracked_free(run_thread(allocate_and_free, NULL));
  uint64_t last = segment.process->events_next - 1;
  check_event(first, RATION_EVENT_THREAD_START, "second");
  check_event(last, RATION_EVENT_THREAD_END, "second");
  cr_expect_eq(segment.events[first].who, segment.events[last].who);
  cr_expect_eq(segment.process->events_lost, 0);
}

static void *free_eight(void *blocks) {
  void **block = blocks;
  for (int i = 0; i < 7; i++) tracked_free(block[i]);
  int had_one = thread.record->tallies != NULL;
  tracked_free(block[7]);
  return !had_one && thread.record->tallies ? blocks : NULL;
}

Test(slab, is_given_to_a_consumer_after_some_frees) {
  void *blocks[8];
  tracked_start();
  for (int i = 0; i < 8; i++) blocks[i] = tracked_malloc(100);
  cr_assert_eq(run_thread(free_eight, blocks), blocks);
  struct books books = books_sum(&segment, tracked_own());
  cr_assert_eq(books.frees, 8);
  cr_assert_eq(books.live_bytes, 0);
}

Test(slab, that_nobody_has_left_is_shared_and_exact) {
  void *block = NULL;
  tracked_start();
  tracked_free(tracked_malloc(1));
  segment.slab_limit = segment.header->slab_count;
  run_thread(allocate_one, &block);
  struct books books = books_sum(&segment, tracked_own());
  cr_expect_eq(segment_tally(&segment, 0, tracked_own())->allocations, 1);
  cr_expect_eq(books.live_blocks, 1);
  cr_expect_eq(books.live_bytes, heap_usable(block));
  tracked_free(block);
  cr_expect_eq(books_sum(&segment, tracked_own()).live_bytes, 0);
  cr_expect(segment_is_valid(&segment));
}

static pthread_barrier_t together;

/* All are alive at once, so each has a slab of its own; then all hand back at once. */
static void *allocate_together(void *ret_block) {
  allocate_one(ret_block);
  pthread_barrier_wait(&together);
  tracked_free(*(void **)ret_block);
  return NULL;
}

Test(slab, is_one_threads_at_a_time) {
  enum { THREADS = 40, ROUNDS = 10 };
  pthread_t threads[THREADS];
  void *blocks[THREADS];
  tracked_start();
  pthread_barrier_init(&together, NULL, THREADS);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < THREADS; i++)
      cr_assert_eq(pthread_create(&threads[i], NULL, allocate_together, &blocks[i]), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    cr_assert_leq(segment.header->slab_count, THREADS + 1);
  }
  struct books books = books_sum(&segment, tracked_own());
  cr_assert_eq(books.allocations, THREADS * ROUNDS);
  cr_assert_eq(books.frees, THREADS * ROUNDS);
  cr_assert_eq(books.live_bytes, 0);
  cr_assert(segment_is_valid(&segment));
}

/* A thread of the parent's was in the midst of a charge: nobody can tell what of it is in the sums. */
Test(slab, that_is_unsettled_is_an_error_of_a_childs_books) {
  tracked_start();
  void *first = tracked_malloc(1000), *second;
  run_thread(allocate_one, &second);
  cr_assert_eq(segment.header->slab_count, 3);
  segment.slabs[2].u.head.next = RATION_SLAB_UNSETTLED_BIT | 3;
  pid_t child = fork();
  if (child == 0) {
    tracked_free(tracked_malloc(1));
    uint64_t error = segment.header->inherited_error_bytes;
    if (segment_home_path()[0]) shared_file_remove(segment_home_path());
    _exit(error == 3 * RATION_SLAB_UNSETTLED_UNIT ? 0 : 1);
  }
  int status;
  cr_assert(child > 0 && waitpid(child, &status, 0) == child);
  cr_assert_eq(status, 0);
  tracked_free(first);
  tracked_free(second);
}
