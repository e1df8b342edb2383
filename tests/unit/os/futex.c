/*
 * futex.c: tests of src/os/futex.c.
 */
#include "os/futex.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "base/atomics.h"
#include "os/process.h"

static uint32_t word, woken;

Test(futex, does_not_wait_for_what_has_come) {
  uint64_t before = process_monotonic_ns();
  word = 1;
  futex_wait(&word, 0, -1);
  futex_wait(&word, 0, 60000);
  futex_wake(&word);
  cr_assert_lt(process_monotonic_ns() - before, UINT64_C(30000000000));
}

Test(futex, waits_no_longer_than_it_is_told) {
  uint64_t before = process_monotonic_ns();
  word = 0;
  futex_wait(&word, 0, 1030);
  uint64_t took = process_monotonic_ns() - before;
  cr_assert_geq(took, UINT64_C(1029000000), "%lu ns", (unsigned long)took);
  futex_wait(&word, 0, 0);
}

static void *wait_for_one(void *unused) {
  while (load_acquire(&word) == 0) futex_wait(&word, 0, -1); /* pairs with the test's store */
  add_relaxed(&woken, 1);
  return unused;
}

Test(futex, wakes_all_who_wait, .timeout = 60) {
  pthread_t threads[4];
  word = woken = 0;
  for (int i = 0; i < 4; i++) cr_assert_eq(pthread_create(&threads[i], NULL, wait_for_one, NULL), 0);
  uint32_t quiet = 0;
  futex_wait(&quiet, 0, 50);
  cr_assert_eq(load_relaxed(&woken), 0);
  store_release(&word, 1); /* pairs with wait_for_one */
  futex_wake(&word);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(woken, 4);
}
