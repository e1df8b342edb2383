/*
 * victim.h: what the victims share: checks that say what differed, and the shim's books, where there is a
 * shim.
 *
 * A victim also runs without the shim, and must print the same then. So nothing is linked against libration:
 * its functions are looked up, and what they say is checked only where they are there and the process is
 * tracked.
 */
#ifndef VICTIM_H
#define VICTIM_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <ration/ration.h>
#include <ration/tag.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the process at once, from wherever it is: a child must not run its parent's exit handlers. */
#define CHECK(condition)                                                                                     \
  do {                                                                                                       \
    if (!(condition)) {                                                                                      \
      dprintf(1, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                     \
      _exit(1);                                                                                              \
    }                                                                                                        \
  } while (0)

#define CHECK_EQUAL(a, b)                                                                                    \
  do {                                                                                                       \
    long long victim_a = (long long)(a), victim_b = (long long)(b);                                          \
    if (victim_a != victim_b) {                                                                              \
      dprintf(1, "%s:%d: %s is %lld, %s is %lld\n", __FILE__, __LINE__, #a, victim_a, #b, victim_b);         \
      _exit(1);                                                                                              \
    }                                                                                                        \
  } while (0)

/* The address space of the process, in pages. */
static inline long mapped_pages(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL);
  CHECK_EQUAL(fscanf(file, "%ld", &pages), 1);
  fclose(file);
  return pages;
}

/* A function of the shim, under its own type; NULL without the shim. */
#define SHIM(name) ((__typeof__(&name))shim_function(#name))

static inline void *shim_function(const char *name) {
  return dlsym(RTLD_DEFAULT, name);
}

static inline int is_tracked(void) {
  return SHIM(ration_is_tracking) && SHIM(ration_is_tracking)();
}

/* Until leave(), blocks of this thread belong to `category`. */
__attribute__((always_inline)) static inline void enter(const char *category) {
  ration_tag_enter(ration_tag_category(category));
}

__attribute__((always_inline)) static inline void leave(void) {
  ration_tag_leave();
}

/* The books of a category; only where is_tracked(). */
static inline struct ration_figures books_by_id(ration_category_id category) {
  struct ration_figures stats;
  stats.size = sizeof stats;
  CHECK_EQUAL(SHIM(ration_stats)(category, &stats), 0);
  return stats;
}

static inline struct ration_figures books_of(const char *category) {
  return books_by_id(SHIM(ration_category)(category));
}

/* All counts of a category at rest; without the shim it holds. */
static inline void check_books(const char *category, uint64_t allocations, uint64_t frees) {
  if (!is_tracked()) return;
  struct ration_figures books = books_of(category);
  CHECK_EQUAL(books.allocations, allocations);
  CHECK_EQUAL(books.frees, frees);
  CHECK_EQUAL(books.live_blocks, allocations - frees);
  if (allocations == frees) CHECK_EQUAL(books.live_bytes, 0);
}

/* The path of the category of a block; "" for a foreign one, and without the shim. */
static inline const char *category_of(const void *block) {
  if (!is_tracked()) return "";
  struct ration_block info;
  info.size = sizeof info;
  return SHIM(ration_block_info)(block, &info) == 0 ? SHIM(ration_category_path)(info.category) : "";
}

/* Waits for a child; its status as a shell has it. */
static inline int status_of(pid_t child) {
  int status;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* pthread_create on a stack small enough for thousands. */
static inline pthread_t start_thread(void *(*run)(void *), void *argument) {
  pthread_t thread;
  pthread_attr_t attributes;
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 128 * 1024), 0);
  CHECK_EQUAL(pthread_create(&thread, &attributes, run, argument), 0);
  pthread_attr_destroy(&attributes);
  return thread;
}

static inline void join_thread(pthread_t thread) {
  CHECK_EQUAL(pthread_join(thread, NULL), 0);
}

#endif
