/*
 * larson: `larson COUNT THREADS`: a server, after Larson and Krishnan, "Memory allocation for long-running server
 * applications" (ISMM 1998): each thread replaces blocks at random among 5,000, and after 1/20 of its work hands all of
 * them to a new thread, which goes on where it was. Prints ns of time elapsed a replacement, over all threads.
 */
#include "bench.h"
#include <pthread.h>

#define LIVE         5000
#define LIVES        20
#define THREADS_MOST 64

static uint32_t sizes[BENCH_SIZES];

struct server {
  pthread_t thread;
  uint64_t left; /* replacements in each of its lives */
  uint64_t random;
  void *blocks[LIVE];
};
static struct server servers[THREADS_MOST];

static void *serve(void *ptr_server) {
  struct server *server = ptr_server;
  for (uint64_t i = 0; i < server->left; i++) {
    uint64_t random = bench_random(&server->random);
    void **block = &server->blocks[(random >> 32) % LIVE];
    free(*block);
    *block = malloc(sizes[random & (BENCH_SIZES - 1)]);
    if (!*block) bench_fail("out of memory");
    *(char *)*block = 1;
  }
  return NULL;
}

/* Whose thread has done its part goes on in another. */
int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1), threads = bench_count(argc, argv, 2);
  if (threads > THREADS_MOST) bench_fail("too many threads");
  bench_sizes(sizes, 10, 500);
  double begun = bench_wall_ns();
  for (int life = 0; life < LIVES; life++) {
    for (uint64_t i = 0; i < threads; i++) {
      servers[i].left = count / threads / LIVES;
      if (!servers[i].random) servers[i].random = 0x9e3779b97f4a7c15u * (i + 1);
      if (pthread_create(&servers[i].thread, NULL, serve, &servers[(i + (uint64_t)life) % threads]))
        bench_fail("no thread");
    }
    for (uint64_t i = 0; i < threads; i++) pthread_join(servers[i].thread, NULL);
  }
  bench_print((bench_wall_ns() - begun) / (double)(count / threads / LIVES * threads * LIVES));
  return 0;
}
