/*
 * Threads allocate in their own categories, resize, and free each other's blocks, for some milliseconds (argument);
 * others fork meanwhile (second argument: how often). Expected: at the end the books of each category are what the
 * program knows, in the parent and in a child that frees what it has inherited.
 */
#include <malloc.h>
#include <time.h>

#include "victim.h"

#define THREADS 8
#define SLOTS   2048

static void *slots[SLOTS];
static volatile int is_over;
static char names[THREADS][16];

static void *work(void *number) {
  unsigned seed = (unsigned)(uintptr_t)number * 2654435761u + 1;
  enter(names[(uintptr_t)number]);
  while (!is_over) {
    seed = seed * 1664525 + 1013904223;
    size_t size = seed >> 8 & 0xfff;
    void *block = malloc(size);
    if (seed >> 28 == 0) block = realloc(block, size * 3 + 1);
    free(__atomic_exchange_n(&slots[seed >> 12 & (SLOTS - 1)], block, __ATOMIC_ACQ_REL));
  }
  leave();
  return NULL;
}

/* What each category has, by its blocks. */
static void check_all(void) {
  long long bytes[THREADS] = {0}, blocks[THREADS] = {0};
  for (int i = 0; i < SLOTS; i++) {
    const char *category = category_of(slots[i]);
    for (int t = 0; slots[i] && t < THREADS; t++) {
      if (strcmp(category, names[t]) != 0) continue;
      bytes[t] += (long long)malloc_usable_size(slots[i]);
      blocks[t]++;
    }
  }
  for (int t = 0; t < THREADS; t++) {
    struct ration_figures books = books_of(names[t]);
    CHECK_EQUAL(books.live_blocks, blocks[t]);
    CHECK_EQUAL(books.live_bytes, bytes[t]);
  }
}

static void free_all(void) {
  for (int i = 0; i < SLOTS; i++) free(slots[i]);
  memset(slots, 0, sizeof slots);
}

static void fork_once(int is_quiet) {
  pid_t pid = fork();
  if (pid != 0) {
    CHECK(pid > 0);
    CHECK_EQUAL(status_of(pid), 0);
    return;
  }
  if (is_quiet && is_tracked()) check_all();
  free_all();
  if (is_quiet && is_tracked()) check_all();
  _exit(0);
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  int milliseconds = argc > 1 ? atoi(argv[1]) : 300, forks = argc > 2 ? atoi(argv[2]) : 0;
  for (int i = 0; i < THREADS; i++) {
    snprintf(names[i], sizeof names[i], "worker/%d", i);
    threads[i] = start_thread(work, (void *)(uintptr_t)i);
  }
  for (int i = 0; i < forks; i++) fork_once(0);
  nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000L}, NULL);
  is_over = 1;
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  if (is_tracked()) check_all();
  for (int i = 0; i < 20 && forks; i++) fork_once(1);
  if (is_tracked()) check_all();
  free_all();
  if (is_tracked()) check_all();
  puts("done");
  return 0;
}
