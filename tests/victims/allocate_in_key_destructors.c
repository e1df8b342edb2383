/*
 * Destructors of thread keys run in no promised order and in up to four rounds; a tracker that has put its
 * thread state away in one of them is called again by the others. Expected: blocks allocated and freed in
 * every round, also by threads whose first allocation is made there, are in the books.
 */
#include "victim.h"

#define THREADS 1100
#define KEYS    3

static pthread_key_t keys[KEYS];
static int rounds_run;

static void destroy(void *block) {
  char *next = malloc(200);
  CHECK(next != NULL);
  memset(next, 1, 200);
  free(block);
  free(next);
  __atomic_add_fetch(&rounds_run, 1, __ATOMIC_RELAXED);
}

/* Puts itself off round after round, with a block that each round resizes. */
static void destroy_again(void *block) {
  enter("keys");
  char *grown = realloc(block, 1000);
  CHECK(grown != NULL);
  grown[0]++;
  __atomic_add_fetch(&rounds_run, 1, __ATOMIC_RELAXED);
  if (grown[0] < 4)
    CHECK_EQUAL(pthread_setspecific(keys[0], grown), 0);
  else
    free(grown);
  leave();
}

/* Its value is no block: such a thread has not allocated before. */
static void destroy_first(void *value) {
  enter("keys");
  void *block = malloc(100);
  CHECK(block != NULL && value != NULL);
  free(block);
  leave();
}

static void *run(void *which) {
  if (which) {
    pthread_setspecific(keys[2], which);
    return NULL;
  }
  enter("keys");
  pthread_setspecific(keys[0], calloc(1, 10));
  pthread_setspecific(keys[1], malloc(10));
  leave();
  return NULL;
}

int main(void) {
  CHECK_EQUAL(pthread_key_create(&keys[0], destroy_again), 0);
  CHECK_EQUAL(pthread_key_create(&keys[1], destroy), 0);
  CHECK_EQUAL(pthread_key_create(&keys[2], destroy_first), 0);
  for (int i = 0; i < THREADS; i++) {
    join_thread(start_thread(run, NULL));
    join_thread(start_thread(run, &rounds_run));
  }
  CHECK_EQUAL(rounds_run, 5 * THREADS);
  check_books("keys", 7 * THREADS, 7 * THREADS);
  puts("done");
  return 0;
}
