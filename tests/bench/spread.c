/*
 * spread: COUNT blocks in all, by THREADS threads in CATEGORIES categories, in bursts with PAUSE microseconds between:
 * what a recorder has to follow. Prints blocks a second. The shim must be preloaded, as for scope.
 *
 * link: -Wl,--unresolved-symbols=ignore-all -Wl,--export-dynamic
 */
#include "bench.h"
#include "ration/ration.h"

#include <pthread.h>
#include <time.h>

#define BURST           20
#define LIVE            8 /* blocks of a thread */
#define CATEGORIES_MOST 240

static ration_category_id ids[CATEGORIES_MOST];
static uint64_t categories, of_each;
static struct timespec pause_time;

static void *work(void *argument) {
  uint64_t state = 88172645463325252u + (uint64_t)(uintptr_t)argument;
  void *live[LIVE] = {NULL};
  for (uint64_t done = 0; done < of_each; done++) {
    uint64_t random = bench_random(&state);
    ration_enter(ids[random % categories]);
    free(live[done % LIVE]);
    live[done % LIVE] = malloc(100 + (random >> 32) % 5000);
    ration_leave();
    if (done % BURST == BURST - 1) nanosleep(&pause_time, NULL);
  }
  for (size_t i = 0; i < LIVE; i++) free(live[i]);
  return NULL;
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1), threads = bench_count(argc, argv, 2);
  categories = bench_count(argc, argv, 3);
  pause_time.tv_nsec = (long)bench_count(argc, argv, 4) * 1000;
  if (categories > CATEGORIES_MOST || pause_time.tv_nsec >= 1000000000) bench_fail("too much");
  of_each = count / threads + 1;
  for (uint64_t i = 0; i < categories; i++) {
    char name[48];
    snprintf(name, sizeof name, "bench%u/spread%u", (unsigned)(i % 10), (unsigned)i);
    ids[i] = ration_category(name);
  }
  pthread_t *handles = malloc(threads * sizeof *handles);
  if (!handles) bench_fail("out of memory");
  double begun = bench_wall_ns();
  for (uint64_t i = 0; i < threads; i++)
    if (pthread_create(&handles[i], NULL, work, (void *)(uintptr_t)i)) bench_fail("no thread");
  for (uint64_t i = 0; i < threads; i++) pthread_join(handles[i], NULL);
  bench_print((double)(of_each * threads) * 1e9 / (bench_wall_ns() - begun));
  free(handles);
  return 0;
}
