/*
 * kit_arena: what an object costs that lives until the end of its frame: made in an arena and taken back by a reset,
 * against malloc and free of the same objects; and librationkit's heap against malloc, hot and in random order. One
 * program, so that all contenders are measured alike: `kit_arena WAY BYTES COUNT [THREADS]`. Prints ns an object, made and
 * gone; with THREADS, for the first two ways, ns for which a thread has an object made: COUNT of them each, in frames of
 * 100,000, at the end of which all wait for each other.
 *
 *     malloc     1,000 objects are made, each is written to, all are freed, in the order in which they were made
 *     shared     the same in an arena that any thread may use, and a reset
 *     private    the same in an arena of one thread
 *     hot        malloc and free in pairs, objects of 16 to BYTES bytes
 *     heap_hot   the same with the heap of heap.h
 *     random     a random one of 10,000 objects of 16 to BYTES bytes is freed and made anew
 *     heap_random
 *
 * link: -l:librationkit.a
 */
#include "bench.h"

#include <ration/kit/arena.h>
#include <ration/kit/heap.h>

#include <pthread.h>
#include <string.h>

#define FRAME 1000
#define FRAME_OF_ALL                                                                                         \
  100000 /* of each thread, where there are several: to wait for each other is little of it */
#define LIVING       10000
#define THREADS_MOST 64

static struct ration_arena arena;
static struct ration_heap heap;
static void *objects[LIVING];
static uint32_t sizes[BENCH_SIZES], living_sizes[LIVING];

static void frames_of_malloc(size_t bytes, uint64_t count) {
  for (uint64_t done = 0; done < count; done += FRAME) {
    for (int i = 0; i < FRAME; i++) {
      uint64_t *object = objects[i] = malloc(bytes);
      if (!object) bench_fail("no memory");
      *object = done;
    }
    for (int i = 0; i < FRAME; i++) free(objects[i]);
  }
}

static void frames_of_arena(size_t bytes, uint64_t count) {
  for (uint64_t done = 0; done < count; done += FRAME) {
    for (int i = 0; i < FRAME; i++) {
      uint64_t *object = objects[i] = ration_arena_allocate(&arena, bytes, sizeof *object);
      if (!object) bench_fail("no memory");
      *object = done;
    }
    ration_arena_reset(&arena);
  }
}

static void pairs_of_malloc(size_t bytes, uint64_t count) {
  (void)bytes;
  for (uint64_t i = 0; i < count; i++) free(malloc(sizes[i & (BENCH_SIZES - 1)]));
}

static void pairs_of_heap(size_t bytes, uint64_t count) {
  (void)bytes;
  for (uint64_t i = 0; i < count; i++) {
    size_t size = sizes[i & (BENCH_SIZES - 1)];
    ration_heap_release(&heap, ration_heap_allocate(&heap, size, 16), size, 16);
  }
}

static void random_of_malloc(size_t bytes, uint64_t count) {
  uint64_t state = 88172645463325252u;
  (void)bytes;
  for (uint64_t i = 0; i < count; i++) {
    size_t at = bench_random(&state) % LIVING;
    free(objects[at]);
    objects[at] = malloc(living_sizes[at] = sizes[i & (BENCH_SIZES - 1)]);
  }
}

static void random_of_heap(size_t bytes, uint64_t count) {
  uint64_t state = 88172645463325252u;
  (void)bytes;
  for (uint64_t i = 0; i < count; i++) {
    size_t at = bench_random(&state) % LIVING;
    if (objects[at]) ration_heap_release(&heap, objects[at], living_sizes[at], 16);
    objects[at] = ration_heap_allocate(&heap, living_sizes[at] = sizes[i & (BENCH_SIZES - 1)], 16);
  }
}

static size_t thread_bytes;
static uint64_t thread_count;
static pthread_barrier_t barrier;

static void *threads_of_malloc(void *argument) {
  uint64_t **made = calloc(FRAME_OF_ALL, sizeof *made);
  if (!made) bench_fail("no memory");
  for (uint64_t done = 0; done < thread_count; done += FRAME_OF_ALL) {
    for (int i = 0; i < FRAME_OF_ALL; i++) {
      made[i] = malloc(thread_bytes);
      if (!made[i]) bench_fail("no memory");
      *made[i] = done;
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < FRAME_OF_ALL; i++) free(made[i]);
    pthread_barrier_wait(&barrier);
  }
  free(made);
  return argument;
}

static void *threads_of_arena(void *argument) {
  for (uint64_t done = 0; done < thread_count; done += FRAME_OF_ALL) {
    for (int i = 0; i < FRAME_OF_ALL; i++) {
      uint64_t *object = ration_arena_allocate(&arena, thread_bytes, sizeof *object);
      if (!object) bench_fail("no memory");
      *object = done;
    }
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) ration_arena_reset(&arena);
    pthread_barrier_wait(&barrier);
  }
  return argument;
}

static void run_threads(void *(*run)(void *), uint64_t threads, uint64_t count) {
  pthread_t started[THREADS_MOST];
  thread_count = count;
  for (uint64_t i = 0; i < threads; i++)
    if (pthread_create(&started[i], NULL, run, NULL)) bench_fail("no thread");
  for (uint64_t i = 0; i < threads; i++) pthread_join(started[i], NULL);
}

static void measure_threads(void *(*run)(void *), size_t bytes, uint64_t threads, uint64_t count) {
  if (!run) bench_fail("this way is of one thread");
  if (threads > THREADS_MOST) bench_fail("64 threads at most");
  thread_bytes = bytes;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  run_threads(run, threads, 2 * FRAME_OF_ALL);
  count = (count + FRAME_OF_ALL - 1) / FRAME_OF_ALL * FRAME_OF_ALL; /* whole frames */
  double begun = bench_wall_ns();
  run_threads(run, threads, count);
  bench_print((bench_wall_ns() - begun) / (double)count);
}

static const struct way {
  const char *name;
  void (*run)(size_t bytes, uint64_t count);
  int is_private;
  void *(*run_of_many)(void *);
} ways[] = {
    {"malloc", frames_of_malloc, 0, threads_of_malloc},
    {"shared", frames_of_arena, 0, threads_of_arena},
    {"private", frames_of_arena, 1, NULL},
    {"hot", pairs_of_malloc, 0, NULL},
    {"heap_hot", pairs_of_heap, 0, NULL},
    {"random", random_of_malloc, 0, NULL},
    {"heap_random", random_of_heap, 0, NULL},
};

static const struct way *find(const char *name) {
  for (size_t i = 0; name && i < sizeof ways / sizeof *ways; i++)
    if (strcmp(ways[i].name, name) == 0) return &ways[i];
  bench_fail("no such way; see the first comment");
  return NULL;
}

int main(int argc, char **argv) {
  const struct way *way = find(argc > 1 ? argv[1] : NULL);
  uint64_t bytes = bench_count(argc, argv, 2), count = bench_count(argc, argv, 3);
  if (bytes < 16) bench_fail("objects are of 16 bytes or more");
  struct ration_arena_settings settings = {.is_private = (uint32_t)way->is_private,
                                           .keep = RATION_ARENA_KEEP_ONE};
  if (ration_arena_init(&arena, NULL, &settings) || ration_heap_init(&heap, NULL, NULL))
    bench_fail("no memory");
  if (argc > 4) {
    measure_threads(way->run_of_many, bytes, bench_count(argc, argv, 4), count);
    return 0;
  }
  bench_sizes(sizes, 16, (uint32_t)bytes);
  way->run(bytes, 4 * LIVING);
  count = (count + FRAME - 1) / FRAME * FRAME; /* likewise */
  double begun = bench_cpu_ns();
  way->run(bytes, count);
  bench_print((bench_cpu_ns() - begun) / (double)count);
  return 0;
}
