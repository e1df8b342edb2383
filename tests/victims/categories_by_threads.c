/*
 * As many categories as there can be, and a thousand threads that each have blocks in every one at the same time: books
 * of a thread and a category that share a place, or a table that is full. Expected: each category's books are exact
 * while all threads hold their blocks, and when they have gone.
 *
 *   categories_by_threads THREADS
 */
#include <malloc.h>

#include "victim.h"

#define MOST       2000
#define CATEGORIES 250 /* ids 3 to 252; the program and libraries have one or two of them */
#define LEAST      240

static pthread_barrier_t all_hold, all_may_go;
static uint32_t ids[CATEGORIES];
static size_t usable_size;

static void *run(void *unused) {
  void *blocks[CATEGORIES];
  for (int i = 0; i < CATEGORIES; i++) {
    ration_tag_enter(ids[i]);
    blocks[i] = malloc(100);
    ration_tag_leave();
    CHECK(blocks[i] != NULL);
  }
  pthread_barrier_wait(&all_hold);
  pthread_barrier_wait(&all_may_go);
  for (int i = CATEGORIES; i-- > 0;) free(blocks[i]);
  return unused;
}

/* What has a category of its own; the others share `other`. */
static int check_each(uint64_t allocations, uint64_t frees) {
  int own = 0;
  for (int i = 0; is_tracked() && i < CATEGORIES; i++) {
    char name[32];
    snprintf(name, sizeof name, "by/%d", i);
    if (SHIM(ration_category)(name) == RATION_OTHER) continue;
    struct ration_figures books = books_of(name);
    CHECK_EQUAL(books.live_bytes, (allocations - frees) * usable_size);
    check_books(name, allocations, frees);
    own++;
  }
  return own;
}

int main(int argc, char **argv) {
  static pthread_t threads[MOST];
  int count = argc > 1 ? atoi(argv[1]) : 100;
  CHECK(count > 0 && count <= MOST);
  free(malloc(1)); /* a process's first block is always the system heap's */
  void *one = malloc(100);
  usable_size = malloc_usable_size(one);
  free(one);
  for (int i = 0; i < CATEGORIES; i++) {
    char name[32];
    snprintf(name, sizeof name, "by/%d", i);
    ids[i] = ration_tag_category(name);
  }
  CHECK_EQUAL(pthread_barrier_init(&all_hold, NULL, (unsigned)count + 1), 0);
  CHECK_EQUAL(pthread_barrier_init(&all_may_go, NULL, (unsigned)count + 1), 0);
  for (int i = 0; i < count; i++) threads[i] = start_thread(run, NULL);
  pthread_barrier_wait(&all_hold);
  int own = check_each((uint64_t)count, 0);
  CHECK(!is_tracked() || own >= LEAST);
  pthread_barrier_wait(&all_may_go);
  for (int i = 0; i < count; i++) join_thread(threads[i]);
  check_each((uint64_t)count, (uint64_t)count);
  puts("done");
  return 0;
}
