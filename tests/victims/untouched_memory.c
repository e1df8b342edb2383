/*
 * A calloc of fresh memory touches none of it, and a realloc of what the kernel can move copies none. An interposer that
 * clears or copies itself makes gigabytes present. The argument is the way: calloc or realloc. Expected: of 1 GiB a small part
 * is resident. (realloc, where the allocator below moves pages, as libc's and jemalloc do.)
 */
#include <sys/resource.h>

#include "victim.h"

#define GIB ((size_t)1 << 30)
#define MIB ((size_t)1 << 20)

/* The most that was ever resident, in bytes. */
static size_t resident(void) {
  struct rusage usage;
  CHECK_EQUAL(getrusage(RUSAGE_SELF, &usage), 0);
  return (size_t)usage.ru_maxrss << 10;
}

static void clear(void) {
  size_t before = resident();
  char *block = calloc(1, GIB);
  CHECK(block != NULL);
  for (size_t at = 0; at < GIB; at += 64 * MIB) CHECK_EQUAL(block[at], 0);
  CHECK(resident() - before < 64 * MIB);
  free(block);
}

static void grow(void) {
  size_t before = resident();
  char *block = malloc(256 * MIB);
  CHECK(block != NULL);
  block[17] = 1;
  for (size_t bytes = 256 * MIB; bytes <= GIB; bytes += 256 * MIB) {
    block = realloc(block, bytes);
    CHECK(block != NULL);
    CHECK_EQUAL(block[17], 1);
  }
  CHECK(resident() - before < 64 * MIB);
  free(block);
}

int main(int argc, char **argv) {
  CHECK_EQUAL(argc, 2);
  if (strcmp(argv[1], "calloc") == 0)
    clear();
  else
    grow();
  return 0;
}
