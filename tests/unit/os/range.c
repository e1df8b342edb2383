/*
 * Tests of os/range.c, and of who notes what there.
 */
#include "os/range.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "os/memory.h"
#include "os/thread_stack.h"

/* The row of what starts there; bytes 0: none. */
static struct range found(const void *start) {
  for (uint32_t i = 0; i < range_count(); i++)
    if (range_at(i).start == (uintptr_t)start) return range_at(i);
  return (struct range){0};
}

Test(range, notes_the_pages_of_the_shim) {
  size_t page = memory_page_bytes();
  char *memory = memory_map(page);
  cr_assert_eq(found(memory).bytes, page);
  cr_assert_eq(found(memory).kind, RANGE_SHIM);
  char *grown = memory_grow(memory, page, 64 * page);
  cr_assert_eq(found(grown).bytes, 64 * page);
  if (grown != memory) cr_assert_eq(found(memory).bytes, 0);
  memory_unmap(grown, 64 * page);
  cr_assert_eq(found(grown).bytes, 0);
}

Test(range, uses_rows_again) {
  size_t page = memory_page_bytes();
  void *kept = memory_map(page);
  uint32_t before = range_count();
  for (int i = 0; i < 10000; i++) memory_unmap(memory_map(page), page);
  cr_assert_leq(range_count(), before + 1);
  cr_assert_eq(found(kept).bytes, page);
}

static uint32_t told;

static void note(uint32_t number) {
  told = number;
}

Test(range, counts_what_finds_no_row) {
  char *base = (char *)(uintptr_t)0x100000;
  uint64_t before = ranges_lost();
  for (int i = 0; i < RANGES_MOST; i++) range_add(base + 4096 * i, 4096, RANGE_SHIM, 0);
  uint64_t lost = ranges_lost();
  range_watch(note);
  range_add(base + 4096 * RANGES_MOST, 4096, RANGE_SHIM, 0);
  range_watch(NULL);
  cr_assert_eq(ranges_lost(), lost + 1);
  cr_assert_eq(told, RANGES_MOST);
  cr_assert_geq(lost, before);
  range_remove(base);
  range_add(base + 4096 * RANGES_MOST, 8192, RANGE_SHIM, 0);
  cr_assert_eq(found(base + 4096 * RANGES_MOST).bytes, 8192);
}

Test(range, notes_anew_what_starts_where_another_did) {
  void *start = (void *)(uintptr_t)0x7000000;
  range_add(start, 4096, RANGE_STACK, 1);
  uint32_t count = range_count();
  range_add(start, 8192, RANGE_STACK, 2);
  cr_assert_eq(range_count(), count);
  cr_assert_eq(found(start).bytes, 8192);
  cr_assert_eq(found(start).owner, 2);
}

static void *run(void *ret_start) {
  size_t bytes = thread_stack_bytes(NULL);
  const char *start = (const char *)pthread_self() - bytes;
  thread_stack_note(bytes);
  struct range range = found(start);
  cr_assert_eq(range.kind, RANGE_STACK);
  cr_assert(range.start <= (uintptr_t)&range && (uintptr_t)&range < range.start + range.bytes);
  thread_stack_forget();
  cr_assert_eq(found(start).bytes, 0);
  *(const void **)ret_start = start;
  return NULL;
}

Test(range, notes_the_stack_of_a_thread_while_it_runs) {
  pthread_t thread;
  const void *start = NULL;
  cr_assert_eq(pthread_create(&thread, NULL, run, &start), 0);
  pthread_join(thread, NULL);
  cr_assert_not_null(start);
}

static void *come_and_go(void *base) {
  for (int i = 0; i < 20000; i++) {
    char *start = (char *)base + 4096 * (i % 7);
    range_add(start, 4096, RANGE_SHIM, 0);
    cr_assert_eq(found(start).bytes, 4096);
    range_remove(start);
    cr_assert_eq(found(start).bytes, 0);
  }
  return NULL;
}

Test(range, may_be_changed_by_many_at_once) {
  pthread_t threads[4];
  for (uintptr_t i = 0; i < 4; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, come_and_go, (void *)((i + 1) << 30)), 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}
