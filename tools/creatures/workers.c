/*
 * workers.c: threads that wait for a round, do their range of it, and say so.
 *
 * A round begins with its number, and is over when no range is pending. Who waits looks for a while, as most steps are
 * short and follow one upon another; then it sleeps on the word that it waits for (futex(2)). That no one sleeps through a
 * change: the sleeper says that it will sleep and then looks (the kernel does, at the word), the other changes the word
 * and then looks for sleepers, all in one order (sequentially consistent).
 */
#include "workers.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <ration/kit/memory.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOKS   200u /* before one sleeps */
#define COARSE  64u  /* of a range: so that ranges of 4-byte fields meet in no cache line */
#define FINE    8u
#define STOPPED 1u

/* A word on a cache line of its own. */
struct word {
  uint32_t value;
  uint32_t sleepers;
} __attribute__((aligned(64)));

struct worker {
  struct workers *workers;
  pthread_t thread;
  unsigned number;
};

struct workers {
  struct word round;   /* its number: 2 more each; odd: stop */
  struct word pending; /* threads that are not through with it */
  workers_step step;   /* of the round; as the four that follow */
  void *context;
  size_t count, range;
  unsigned threads, looks;
  struct worker others[WORKERS_MOST];
};

static void *work(void *context);
static void do_range(const struct workers *workers, unsigned number);
static uint32_t wait_while(struct word *word, uint32_t value, unsigned looks);
static void wake(struct word *word);
static size_t range_of(size_t count, unsigned threads);

int workers_start(struct workers **ret_workers, unsigned threads) {
  if (!threads || threads > WORKERS_MOST) return -EINVAL;
  struct workers *workers = ration_memory_allocate(NULL, sizeof *workers, 64);
  if (!workers) return -ENOMEM;
  memset(workers, 0, sizeof *workers);
  /* To look is in the way of those that are looked for, where there is no processor for each. */
  workers->looks = sysconf(_SC_NPROCESSORS_ONLN) >= (long)threads ? LOOKS : 1;
  workers->threads = 1;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = 0;
  while (workers->threads < threads && !error) {
    struct worker *other = &workers->others[workers->threads];
    *other = (struct worker){.workers = workers, .number = workers->threads};
    error = -pthread_create(&other->thread, NULL, work, other);
    workers->threads += !error;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error)
    workers_stop(workers);
  else
    *ret_workers = workers;
  return error;
}

void workers_stop(struct workers *workers) {
  if (!workers) return;
  __atomic_fetch_or(&workers->round.value, STOPPED, __ATOMIC_SEQ_CST);
  wake(&workers->round);
  for (unsigned i = 1; i < workers->threads; i++) pthread_join(workers->others[i].thread, NULL);
  ration_memory_release(NULL, workers, sizeof *workers, 64);
}

void workers_run(struct workers *workers, size_t count, workers_step step, void *context) {
  size_t range = range_of(count, workers->threads);
  if (range >= count) {
    if (count) step(context, 0, count, 0);
    return;
  }
  workers->step = step;
  workers->context = context;
  workers->count = count;
  workers->range = range;
  __atomic_store_n(&workers->pending.value, workers->threads - 1, __ATOMIC_RELAXED); /* the round orders it */
  __atomic_fetch_add(&workers->round.value, 2, __ATOMIC_SEQ_CST); /* pairs with wait_while */
  wake(&workers->round);
  do_range(workers, 0);
  uint32_t pending = __atomic_load_n(&workers->pending.value, __ATOMIC_ACQUIRE); /* pairs with work */
  while (pending) pending = wait_while(&workers->pending, pending, workers->looks);
}

unsigned workers_count(const struct workers *workers) {
  return workers->threads;
}

static void *work(void *context) {
  struct worker *worker = context;
  struct workers *workers = worker->workers;
  for (uint32_t round = 0;;) {
    round = wait_while(&workers->round, round, workers->looks);
    if (round & STOPPED) return NULL;
    do_range(workers, worker->number);
    uint32_t before = __atomic_fetch_sub(&workers->pending.value, 1, __ATOMIC_SEQ_CST); /* pairs with run */
    if (before == 1) wake(&workers->pending);
  }
}

static void do_range(const struct workers *workers, unsigned number) {
  size_t first = number * workers->range, last = first + workers->range;
  if (last > workers->count) last = workers->count;
  if (first < last) workers->step(workers->context, first, last, number);
}

/* Equal ones, in multiples, of which the last may be short and some that are left none. */
static size_t range_of(size_t count, unsigned threads) {
  size_t grain = count / threads >= COARSE ? COARSE : FINE;
  size_t share = count / threads + (count % threads != 0);
  return (share + grain - 1) / grain * grain;
}

/* What the word is when it is no longer `value`. */
static uint32_t wait_while(struct word *word, uint32_t value, unsigned looks) {
  uint32_t now;
  for (unsigned i = 0; i < looks; i++) {
    now = __atomic_load_n(&word->value, __ATOMIC_ACQUIRE); /* pairs with run, work, stop */
    if (now != value) return now;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
  __atomic_fetch_add(&word->sleepers, 1, __ATOMIC_SEQ_CST);
  while ((now = __atomic_load_n(&word->value, __ATOMIC_SEQ_CST)) == value)
    syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
  __atomic_fetch_sub(&word->sleepers, 1, __ATOMIC_RELAXED);
  return now;
}

static void wake(struct word *word) {
  if (__atomic_load_n(&word->sleepers, __ATOMIC_SEQ_CST))
    syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, WORKERS_MOST, NULL, NULL, 0);
}
