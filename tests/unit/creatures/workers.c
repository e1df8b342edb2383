/*
 * workers.c: tests of tools/creatures/workers.h.
 */
#include "workers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define MOST 3000

struct job {
  unsigned char done[MOST];    /* how often each */
  unsigned char workers[MOST]; /* by whom */
  size_t count, threads;
  unsigned wrong, calls;
};

static void mark(void *context, size_t first, size_t last, unsigned worker) {
  struct job *job = context;
  if (first >= last || last > job->count || worker >= job->threads || first % 8 ||
      (last % 8 && last != job->count))
    __atomic_fetch_add(&job->wrong, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&job->calls, 1, __ATOMIC_RELAXED);
  for (size_t i = first; i < last; i++) job->done[i]++, job->workers[i] = (unsigned char)worker;
}

Test(workers, do_each_once_and_in_order_of_workers) {
  static const unsigned threads[] = {1, 2, 3, 7};
  static const size_t counts[] = {0, 1, 7, 8, 9, 63, 64, 100, 500, 513, 2999, MOST};
  for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
    struct workers *workers = NULL;
    cr_assert_eq(workers_start(&workers, threads[t]), 0);
    cr_expect_eq(workers_count(workers), threads[t]);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
      static struct job job;
      memset(&job, 0, sizeof job);
      job.count = counts[c];
      job.threads = threads[t];
      workers_run(workers, counts[c], mark, &job);
      cr_expect_eq(job.wrong, 0);
      for (size_t i = 0; i < MOST; i++) cr_assert_eq(job.done[i], i < counts[c], "%zu of %zu", i, counts[c]);
      for (size_t i = 1; i < counts[c]; i++) cr_assert_geq(job.workers[i], job.workers[i - 1]);
    }
    workers_stop(workers);
  }
  workers_stop(NULL);
}

static void add_up(void *context, size_t first, size_t last, unsigned worker) {
  uint64_t *sums = context;
  for (size_t i = first; i < last; i++) sums[worker * 16] += i;
}

Test(workers, round_upon_round_see_what_the_last_one_wrote) {
  struct workers *workers = NULL;
  static uint64_t sums[4 * 16];
  uint64_t all = 0;
  cr_assert_eq(workers_start(&workers, 4), 0);
  for (int round = 0; round < 3000; round++) {
    if (round % 500 == 499)
      nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* they sleep meanwhile */
    workers_run(workers, 300, add_up, sums);
    for (int i = 0; i < 4; i++) all += sums[i * 16], sums[i * 16] = 0;
  }
  cr_expect_eq(all, 3000u * (299u * 300u / 2));
  workers_stop(workers);
}

static void look_at_signals(void *context, size_t first, size_t last, unsigned worker) {
  unsigned *open = context;
  sigset_t blocked;
  (void)first, (void)last;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  if (worker && (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM)))
    __atomic_fetch_add(open, 1, __ATOMIC_RELAXED);
}

Test(workers, leave_signals_to_the_program) {
  struct workers *workers = NULL;
  unsigned open = 0;
  sigset_t blocked;
  cr_assert_eq(workers_start(&workers, 3), 0);
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  cr_expect_not(sigismember(&blocked, SIGINT), "the caller's are as before");
  workers_run(workers, 1000, look_at_signals, &open);
  cr_expect_eq(open, 0);
  workers_stop(workers);
}

Test(workers, refuse_numbers_that_cannot_be) {
  struct workers *workers = NULL;
  cr_expect_eq(workers_start(&workers, 0), -EINVAL);
  cr_expect_eq(workers_start(&workers, WORKERS_MOST + 1), -EINVAL);
  cr_expect_null(workers);
}
