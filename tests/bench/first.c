/*
 * first: threads whose first block comes with all that the shim needs for them; they stay, so that their memory can be
 * told. `time`: prints the median of ns for that block; `memory`: bytes that a thread has made resident.
 * link: -Wl,-z,now
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define THREADS_MOST 1000

static double took[THREADS_MOST];
static pthread_barrier_t all_there;
static int stays;

static void *allocate(void *place) {
  double begun = bench_wall_ns();
  void *block = malloc(100);
  *(double *)place = bench_wall_ns() - begun;
  free(block);
  if (stays) {
    pthread_barrier_wait(&all_there); /* measured */
    pthread_barrier_wait(&all_there);
  }
  return NULL;
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right;
}

static double resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%*d %ld", &pages) != 1) bench_fail("no /proc/self/statm");
  fclose(file);
  return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  pthread_t threads[THREADS_MOST];
  if (count > THREADS_MOST) count = THREADS_MOST;
  stays = argc > 2 && strcmp(argv[2], "memory") == 0;
  pthread_barrier_init(&all_there, NULL, (unsigned)count + 1);
  double before = resident_bytes();
  for (uint64_t i = 0; i < count; i++) {
    if (pthread_create(&threads[i], NULL, allocate, &took[i])) bench_fail("no thread");
    if (!stays) pthread_join(threads[i], NULL);
  }
  if (stays) pthread_barrier_wait(&all_there);
  double grown = resident_bytes() - before;
  if (stays) pthread_barrier_wait(&all_there);
  for (uint64_t i = 0; stays && i < count; i++) pthread_join(threads[i], NULL);
  qsort(took, count, sizeof *took, compare);
  bench_print(stays ? grown / (double)count : took[count / 2]);
  return 0;
}
