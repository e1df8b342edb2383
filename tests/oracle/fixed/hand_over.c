/*
 * hand_over.c: a thread makes 1,000 blocks of 64 bytes, in an arena of its own, and ends; main frees 400 of
 * them.
 */
#include <pthread.h>
#include <stdlib.h>

static void *blocks[1000];

static void *make(void *unused) {
  for (int i = 0; i < 1000; i++) blocks[i] = malloc(64);
  return unused;
}

int main(void) {
  pthread_t maker;
  if (pthread_create(&maker, NULL, make, NULL) != 0 || pthread_join(maker, NULL) != 0) return 1;
  for (int i = 0; i < 400; i++) free(blocks[i]);
  return 0;
}
