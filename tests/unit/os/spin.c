/*
 * spin.c: tests of src/os/spin.h.
 */
#include "os/spin.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

static struct spin spin;
static uint64_t sum;

static void *add(void *unused) {
  (void)unused;
  for (int i = 0; i < 20000; i++) {
    if (!spin_try_long(&spin)) return &spin;
    sum++;
    spin_end(&spin);
  }
  return NULL;
}

Test(spin, one_at_a_time) {
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) cr_assert_eq(pthread_create(&threads[i], NULL, add, NULL), 0);
  for (int i = 0; i < 4; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    cr_expect_null(failed);
  }
  cr_expect_eq(sum, 4 * 20000);
}

/* A handler of a signal that came while its thread had it. */
Test(spin, who_has_it_does_without) {
  cr_expect_not(spin_is_own(&spin));
  cr_assert(spin_try_long(&spin));
  cr_expect(spin_is_own(&spin));
  cr_expect_not(spin_try_long(&spin));
  cr_expect_eq(spin.is_stuck, 0);
  spin_end(&spin);
  cr_expect(spin_try_long(&spin));
}

static void *try(void *ret_got) {
  *(int *)ret_got = spin_try_long(&spin);
  return NULL;
}

Test(spin, who_waits_in_vain_goes_on_and_after_that_nobody_waits) {
  int got = 1;
  pthread_t thread;
  cr_assert(spin_try(&spin));
  cr_assert_eq(pthread_create(&thread, NULL, try, &got), 0);
  pthread_join(thread, NULL);
  cr_expect_eq(got, 0);
  cr_expect_eq(spin.is_stuck, 1);
  spin_end(&spin);
  cr_expect_eq(spin.is_stuck, 0);
}
