/*
 * turn.c: tests of src/os/turn.c.
 */
#include "os/turn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static struct turn turn;

static int is_blocked(int signal_number) {
  sigset_t set;
  pthread_sigmask(SIG_SETMASK, NULL, &set);
  return sigismember(&set, signal_number);
}

Test(turn, blocks_signals_and_lets_them_come_again) {
  uint64_t signals;
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &own, NULL);
  cr_assert_eq(turn_begin(&turn, &signals), 0);
  cr_assert(turn_is_taken(&turn));
  cr_assert(is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
  turn_end(&turn, signals);
  cr_assert_not(turn_is_taken(&turn));
  cr_assert(!is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
}

#define THREADS 8
#define ROUNDS  20000

static uint64_t unguarded;

static void *count(void *nothing) {
  (void)nothing;
  for (int i = 0; i < ROUNDS; i++) {
    uint64_t signals;
    cr_assert_eq(turn_begin(&turn, &signals), 0);
    uint64_t seen = *(volatile uint64_t *)&unguarded;
    if (i % 1000 == 0) usleep(100); /* so that others come to wait */
    unguarded = seen + 1;
    turn_end(&turn, signals);
  }
  return NULL;
}

Test(turn, is_one_threads_at_a_time) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  cr_assert_eq(unguarded, THREADS * ROUNDS);
  cr_assert_not(turn_is_taken(&turn));
}

Test(turn, that_never_ends_is_done_without) {
  uint64_t signals, kept;
  cr_assert_eq(turn_begin(&turn, &kept), 0);
  turn_begin(&(struct turn){0}, &signals);
  cr_assert_eq(turn_begin(&turn, &signals), -EBUSY);
  turn_end(&turn, kept);
  cr_assert_not(is_blocked(SIGUSR1));
  cr_assert_not(turn_is_taken(&turn));
  cr_assert_eq(turn_begin(&turn, &signals), 0);
  turn_forget(&turn);
  cr_assert_eq(turn_begin(&turn, &signals), 0);
}
