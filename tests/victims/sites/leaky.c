/*
 * leaky.c: leaks of every entry point, of many sizes, by stacks of all kinds; and blocks that are freed.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

static void *volatile sink;

struct pair {
  struct pair *other;
  char text[40];
};

/* Direct and indirect, with a way round. */
PLACE static struct pair *make_pair(void) {
  struct pair *first = malloc(sizeof *first), *second = calloc(1, sizeof *second);
  first->other = second;
  second->other = first;
  STAYS;
  return first;
}

PLACE static void pairs(int count) {
  struct pair *kept = NULL;
  for (int i = 0; i < count; i++) {
    struct pair *pair = make_pair();
    if (i % 3 == 0) {
      free(pair->other);
      free(pair);
    } else {
      pair->other->other = kept;
      kept = pair;
    }
  }
  sink = kept;
  STAYS;
}

INLINED void *get(size_t bytes) {
  return malloc(bytes);
}

PLACE static void of_all_sizes(void) {
  for (size_t bytes = 1; bytes < 3000; bytes += bytes / 7 + 1) sink = get(bytes);
  for (size_t bytes = 100000; bytes < 1000000; bytes *= 2) sink = get(bytes + 3);
  STAYS;
}

PLACE static void resized(void) {
  void *grown = NULL, *shrunk = malloc(5000), *freed = malloc(10);
  for (size_t bytes = 1; bytes < 200000; bytes = bytes * 3 / 2 + 1) grown = realloc(grown, bytes);
  shrunk = realloc(shrunk, 20);
  sink = shrunk;
  sink = grown;
  sink = reallocarray(NULL, 7, 9);
  freed = realloc(freed, 100);
  free(freed);
  STAYS;
}

PLACE static void aligned(void) {
  void *block = NULL;
  for (size_t alignment = 16; alignment <= 4096; alignment *= 2) {
    if (posix_memalign(&block, alignment, alignment + 5) == 0) sink = block;
    sink = aligned_alloc(alignment, 3 * alignment);
    sink = memalign(alignment, 77);
  }
  sink = valloc(100);
  free(memalign(64, 640));
  STAYS;
}

PLACE static void of_libc(void) {
  char *line = NULL;
  sink = strdup("some text that is kept");
  sink = strndup("some text that is kept in part", 10);
  if (asprintf(&line, "%d lines of %s", 17, "text") > 0) sink = line;
  STAYS;
}

PLACE static void deep(int levels) {
  if (levels > 1)
    deep(levels - 1);
  else
    sink = malloc(55);
  STAYS;
}

static void *in_thread(void *argument) {
  for (int i = 0; i < 100; i++) {
    void *block = get(200 + (size_t)i);
    if (i % 2)
      free(block);
    else
      sink = block;
  }
  STAYS;
  return argument;
}

PLACE static void threads(void) {
  pthread_t thread[4];
  for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, in_thread, NULL);
  for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
  STAYS;
}

int main(void) {
  pairs(50);
  of_all_sizes();
  resized();
  aligned();
  of_libc();
  for (int levels = 1; levels < 20; levels += 6) deep(levels);
  threads();
  return 0;
}
