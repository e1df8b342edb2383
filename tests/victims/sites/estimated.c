/*
 * estimated.c: sites of which samples are to tell how much they have: of many small blocks and few large ones, that live
 * or are freed, resized, and of several threads. Each function is one site; what they get is the same in every run.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "place.h"

static void *volatile sink;

PLACE static void *many_small(void) {
  void *block = malloc(40);
  STAYS;
  return block;
}

PLACE static void *some_small(void) {
  void *block = malloc(20);
  STAYS;
  return block;
}

PLACE static void *few(void) {
  void *block = malloc(150);
  STAYS;
  return block;
}

PLACE static void *mixed(size_t bytes) {
  void *block = malloc(bytes);
  STAYS;
  return block;
}

PLACE static void *large(void) {
  void *block = malloc(10000);
  STAYS;
  return block;
}

PLACE static void *halved(void) {
  void *block = calloc(1, 200);
  STAYS;
  return block;
}

PLACE static void *resized(void *block, size_t bytes) {
  block = realloc(block, bytes);
  STAYS;
  return block;
}

PLACE static void *of_threads(void) {
  void *block = malloc(100);
  STAYS;
  return block;
}

/* Half of them are passed to the first thread, and freed there. */
static void *left[2000];

static void *in_thread(void *argument) {
  size_t first = (size_t)(uintptr_t)argument;
  for (size_t i = first; i < first + 500; i++) left[i] = of_threads();
  return NULL;
}

int main(void) {
  uint32_t number = 1;
  pthread_t thread[4];
  for (int i = 0; i < 12000; i++) sink = many_small();
  for (int i = 0; i < 2000; i++) sink = some_small();
  for (int i = 0; i < 130; i++) sink = few();
  for (int i = 0; i < 400; i++) sink = mixed(1 + (number = number * 1664525 + 1013904223) % 2000);
  for (int i = 0; i < 50; i++) sink = large();
  for (int i = 0; i < 1000; i++) {
    void *block = halved();
    if (i % 2) free(block);
  }
  for (int i = 0; i < 100; i++) {
    void *block = many_small();
    for (size_t bytes = 100; bytes < 1200; bytes = bytes * 3 / 2) block = resized(block, bytes);
    sink = block;
  }
  for (uintptr_t i = 0; i < 4; i++) pthread_create(&thread[i], NULL, in_thread, (void *)(i * 500));
  for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
  for (int i = 0; i < 2000; i += 2) free(left[i]);
  return 0;
}
