/*
 * Allocation is no cancellation point (POSIX): a tracker that opens, writes or sleeps within it lets pthread_cancel end a
 * thread with a block half counted, or a lock held. Expected: threads that were cancelled before they begin allocate for the
 * first time, in new categories, in forked children too, and get to their own cancellation point; then all is freed, and
 * the books are exact.
 */
#include "victim.h"

#define THREADS 50
#define BLOCKS  200

static void *blocks[THREADS][BLOCKS];
static volatile int arrived[THREADS];
static pthread_barrier_t start;

static void *run(void *number) {
  int me = (int)(intptr_t)number - 1;
  char path[40];
  int old;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
  pthread_barrier_wait(&start); /* main has cancelled this one by the second time */
  pthread_barrier_wait(&start);
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
  snprintf(path, sizeof path, "cancelled/%d", me);
  enter(path);
  for (int i = 0; i < BLOCKS; i++) blocks[me][i] = realloc(calloc(1, (size_t)i + 1), (size_t)i * 100 + 1);
  leave();
  arrived[me] = 1;
  while (number) pause();
  return NULL;
}

static void cancel_all(void) {
  pthread_t threads[THREADS];
  CHECK_EQUAL(pthread_barrier_init(&start, NULL, THREADS + 1), 0);
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(run, (void *)(intptr_t)(i + 1));
  pthread_barrier_wait(&start);
  for (int i = 0; i < THREADS; i++) CHECK_EQUAL(pthread_cancel(threads[i]), 0);
  pthread_barrier_wait(&start);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    CHECK_EQUAL(pthread_join(threads[i], &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK_EQUAL(arrived[i], 1);
    for (int k = 0; k < BLOCKS; k++) free(blocks[i][k]);
  }
  for (int i = 0; is_tracked() && i < THREADS; i++) {
    char path[40];
    snprintf(path, sizeof path, "cancelled/%d", i);
    CHECK_EQUAL(books_of(path).live_blocks, 0);
    CHECK(books_of(path).allocations >= BLOCKS);
  }
}

int main(void) {
  cancel_all();
  memset((void *)(uintptr_t)arrived, 0, sizeof arrived);
  pid_t child = fork();
  if (child == 0) {
    cancel_all();
    _exit(0);
  }
  return status_of(child);
}
