/*
 * known.c: blocks whose call stacks, numbers and sizes are known by construction: tests/system/sites.bats has them.
 */
#include <malloc.h>
#include <pthread.h>
#include <ration/tag.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"

static void *volatile sink; /* so that no block is taken for useless */

/* ---- calls ---------------------------------------------------------------------------------------------- */

PLACE static void plain_inner(size_t bytes) {
  sink = malloc(bytes); /* line: plain_inner */
  STAYS;
}

PLACE static void plain_outer(void) {
  TIMES(3) plain_inner(100); /* line: plain_outer */
  STAYS;
}

/* One function, two places. */
PLACE static void twice(void) {
  sink = malloc(10); /* line: twice first */
  STAYS;
  sink = malloc(20); /* line: twice second */
  STAYS;
}

INLINED void inlined_leaf(size_t bytes) {
  sink = malloc(bytes); /* line: inlined_leaf */
  STAYS;
}

INLINED void inlined_middle(size_t bytes) {
  inlined_leaf(bytes + 8); /* line: inlined_middle */
  STAYS;
}

PLACE static void inlining(size_t bytes) {
  inlined_middle(bytes); /* line: inlining */
  STAYS;
}

PLACE static void *tail_target(size_t bytes) {
  void *block = malloc(bytes);
  STAYS;
  return block;
}

/* A jump, where the compiler makes one: this function is on no stack then. */
PLACE static void *tail_caller(size_t bytes) {
  return tail_target(bytes + 1);
}

PLACE static void calls_tail(void) {
  sink = tail_caller(200);
  STAYS;
}

PLACE static void *jumps_to_malloc(size_t bytes) {
  return malloc(bytes + 1);
}

PLACE static void calls_jump(void) {
  sink = jumps_to_malloc(300);
  STAYS;
}

PLACE static void recurse(int levels, size_t bytes) {
  if (levels > 1)
    recurse(levels - 1, bytes);
  else
    sink = malloc(bytes);
  STAYS;
}

PLACE static void callback_one(size_t bytes) {
  sink = malloc(bytes);
  STAYS;
}

PLACE static void callback_two(size_t bytes) {
  sink = calloc(2, bytes);
  STAYS;
}

static void (*volatile callbacks[])(size_t bytes) = {callback_one, callback_two, callback_one};

PLACE static void dispatch(void) {
  int i = 0;
  TIMES(3) callbacks[i++](50);
  STAYS;
}

/* A frame whose size only the run knows. */
PLACE static void grown_frame(size_t bytes) {
  volatile char room[bytes];
  memset((char *)room, 0, bytes);
  sink = malloc(bytes + (size_t)room[bytes - 1]);
  STAYS;
}

/* ---- through code of others ------------------------------------------------------------------------------ */

static int order(const void *a, const void *b) {
  sink = malloc(40);
  STAYS;
  return *(const int *)a - *(const int *)b;
}

/* Two of them are compared once. */
PLACE static void through_qsort(void) {
  int numbers[] = {2, 1};
  qsort(numbers, 2, sizeof *numbers, order);
  STAYS;
}

static void on_signal(int number) {
  sink = malloc((size_t)number * 100);
  STAYS;
}

PLACE static void through_signal(void) {
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
  STAYS;
}

PLACE static void through_strdup(void) {
  sink = strdup("a text of 26 bytes, and 0");
  STAYS;
}

/* ---- lives ------------------------------------------------------------------------------------------------ */

/* To 100, 200, 400, 800 bytes. */
PLACE static void resizes(void) {
  void *block = malloc(50);
  size_t bytes = 50;
  TIMES(4) block = realloc(block, bytes *= 2);
  sink = block;
  STAYS;
}

PLACE static void temporary(void) {
  TIMES(50) {
    sink = malloc(60);
    free(sink);
  }
  STAYS;
}

/* The first one goes when 19 others have come. Of each 504 + 1,049 count; so it is temporary if 5 come after it. */
PLACE static void lasting(void) {
  void *blocks[20];
  int i = 0;
  TIMES(20) blocks[i++] = malloc(500);
  i = 0;
  TIMES(20) free(blocks[i++]);
  STAYS;
}

/* Of all sizes the largest is 3,000, the most at once 3,000 + 1,000. */
PLACE static void some_large(void) {
  size_t bytes = 0;
  TIMES(3) {
    void *kept = malloc(1000), *large = malloc(bytes += 1000);
    free(kept);
    free(large);
  }
  STAYS;
}

PLACE static void aligned(void) {
  void *block;
  if (posix_memalign(&block, 64, 100) == 0) sink = block;
  STAYS;
  sink = aligned_alloc(32, 96);
  STAYS;
}

PLACE static void in_scopes(size_t bytes) {
  sink = malloc(bytes);
  STAYS;
}

/* One stack, two categories: of the first block, and of three. */
PLACE static void scoped(void) {
  int is_first = 1;
  TIMES(4) {
    if (is_first) ration_tag_enter(ration_tag_category("kept/apart"));
    in_scopes(70);
    if (is_first) ration_tag_leave();
    is_first = 0;
  }
  STAYS;
}

PLACE static void in_thread(size_t bytes) {
  TIMES(5) sink = malloc(bytes);
  STAYS;
}

static void *thread_main(void *argument) {
  in_thread(900);
  STAYS;
  return argument;
}

/* What lives at the moment of this block makes up the peak. */
PLACE static void peaks(void) {
  void *large = malloc(1 << 20);
  STAYS;
  free(large);
  STAYS;
}

PLACE static void behind_peak(void) {
  sink = malloc(2000);
  STAYS;
}

int main(void) {
  pthread_t thread;
  plain_outer();
  plain_outer();
  twice();
  inlining(24);
  calls_tail();
  calls_jump();
  recurse(10, 110);
  recurse(200, 220);
  dispatch();
  grown_frame(333);
  through_qsort();
  through_signal();
  through_strdup();
  resizes();
  temporary();
  lasting();
  some_large();
  aligned();
  scoped();
  if (pthread_create(&thread, NULL, thread_main, NULL) != 0) return 1;
  pthread_join(thread, NULL);
  peaks();
  behind_peak();
  plain_outer();
  return 0;
}
