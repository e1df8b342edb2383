/*
 * workers.c: threads that wait for their turn, do their range, and say so, by semaphores: these order all that is shared.
 * Who waits looks for a while, as most steps are short and follow one upon another, and then sleeps.
 */
#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <ration/kit/memory.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOOKS  1000u /* before one sleeps */
#define COARSE 64u   /* of a range: so that ranges of 4-byte fields meet in no cache line */
#define FINE   8u

#define STACK_BYTES ((size_t)1 << 20)  /* of which little is touched; a sanitizer has most of it */
#define GUARD_BYTES ((size_t)64 << 10) /* whole pages, of whatever size */

struct worker {
  sem_t turn;
  struct workers *workers;
  pthread_t thread;
  char *stack; /* behind its guard */
  unsigned number;
} __attribute__((aligned(64)));

struct workers {
  sem_t done;        /* once for each that is through with its range */
  workers_step step; /* of the round, as the three that follow; NULL: stop */
  void *context;
  size_t count, range;
  unsigned threads, looks;
  struct worker others[WORKERS_MOST]; /* from 1 on */
};

static int start(struct workers *workers, unsigned threads);
static int start_one(struct workers *workers);
static int start_thread(struct worker *worker);
static void *work(void *context);
static void do_range(const struct workers *workers, unsigned number);
static void wait_for(sem_t *semaphore, unsigned looks);
static size_t range_of(size_t count, unsigned threads);

int workers_start(struct workers **ret_workers, unsigned threads) {
  if (!threads || threads > WORKERS_MOST) return -EINVAL;
  struct workers *workers = ration_memory_allocate(NULL, sizeof *workers, 64);
  if (!workers) return -ENOMEM;
  memset(workers, 0, sizeof *workers);
  int error = start(workers, threads);
  if (error)
    workers_stop(workers);
  else
    *ret_workers = workers;
  return error;
}

/* Signals are the program's: its threads inherit that they are blocked. */
static int start(struct workers *workers, unsigned threads) {
  sigset_t all, before;
  int error = 0;
  sem_init(&workers->done, 0, 0);
  /* To look is in the way of those that are looked for, where there is no processor for each. */
  workers->looks = sysconf(_SC_NPROCESSORS_ONLN) >= (long)threads ? LOOKS : 0;
  workers->threads = 1;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (workers->threads < threads && !error) error = start_one(workers);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

static int start_one(struct workers *workers) {
  struct worker *worker = &workers->others[workers->threads];
  worker->workers = workers;
  worker->number = workers->threads;
  sem_init(&worker->turn, 0, 0);
  int error = start_thread(worker);
  if (error)
    sem_destroy(&worker->turn);
  else
    workers->threads++;
  return error;
}

/* On a stack of its own: one of libc's is kept when the thread ends, with a block of the heap, for a thread to come. */
static int start_thread(struct worker *worker) {
  char *stack =
      mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  worker->stack = stack + GUARD_BYTES;
  pthread_attr_t attributes;
  int error =
      mprotect(worker->stack, STACK_BYTES, PROT_READ | PROT_WRITE) ? -errno : -pthread_attr_init(&attributes);
  if (!error) {
    error = -pthread_attr_setstack(&attributes, worker->stack, STACK_BYTES);
    if (!error) error = -pthread_create(&worker->thread, &attributes, work, worker);
    pthread_attr_destroy(&attributes);
  }
  if (error) munmap(stack, GUARD_BYTES + STACK_BYTES);
  return error;
}

void workers_stop(struct workers *workers) {
  if (!workers) return;
  workers->step = NULL;
  for (unsigned i = 1; i < workers->threads; i++) {
    sem_post(&workers->others[i].turn);
    pthread_join(workers->others[i].thread, NULL);
    munmap(workers->others[i].stack - GUARD_BYTES, GUARD_BYTES + STACK_BYTES);
    sem_destroy(&workers->others[i].turn);
  }
  sem_destroy(&workers->done);
  ration_memory_release(NULL, workers, sizeof *workers, 64);
}

void workers_run(struct workers *workers, size_t count, workers_step step, void *context) {
  if (!count) return;
  int old_errno = errno;
  workers->step = step;
  workers->context = context;
  workers->count = count;
  workers->range = range_of(count, workers->threads);
  unsigned ranges = (unsigned)((count + workers->range - 1) / workers->range);
  for (unsigned i = 1; i < ranges; i++) sem_post(&workers->others[i].turn);
  do_range(workers, 0);
  for (unsigned i = 1; i < ranges; i++) wait_for(&workers->done, workers->looks);
  errno = old_errno;
}

unsigned workers_count(const struct workers *workers) {
  return workers->threads;
}

static void *work(void *context) {
  struct worker *worker = context;
  struct workers *workers = worker->workers;
  for (;;) {
    wait_for(&worker->turn, workers->looks);
    if (!workers->step) return NULL;
    do_range(workers, worker->number);
    sem_post(&workers->done);
  }
}

static void do_range(const struct workers *workers, unsigned number) {
  size_t first = number * workers->range, last = first + workers->range;
  workers->step(workers->context, first, last < workers->count ? last : workers->count, number);
}

/* Equal ones, in multiples, of which the last may be short; some threads may be left none. */
static size_t range_of(size_t count, unsigned threads) {
  size_t grain = count / threads >= COARSE ? COARSE : FINE;
  size_t share = count / threads + (count % threads != 0);
  return (share + grain - 1) / grain * grain;
}

static void wait_for(sem_t *semaphore, unsigned looks) {
  for (; looks; looks--) {
    if (!sem_trywait(semaphore)) return;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
  while (sem_wait(semaphore)) continue; /* a signal came */
}
