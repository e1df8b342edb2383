/*
 * A program limits its address space or its data to 2 GiB, or locks its memory, while it runs. Argument: addresses, data or
 * lock. Expected: blocks from before stay what they are, and there is room for mappings and for new blocks: no more of it is
 * taken up than the shim's tables have anyway. Where it may not lock what it has, that is the end of it, without the shim as
 * well.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "victim.h"

#define MIB ((size_t)1 << 20)

static int limit(int resource) {
  struct rlimit limit = {.rlim_cur = 2048 * MIB, .rlim_max = RLIM_INFINITY};
  return setrlimit((__rlimit_resource_t)resource, &limit);
}

static int limit_itself(const char *how) {
  if (strcmp(how, "addresses") == 0) return limit(RLIMIT_AS);
  if (strcmp(how, "data") == 0) return limit(RLIMIT_DATA);
  return mlockall(MCL_CURRENT | MCL_FUTURE);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  char *small = malloc(1000), *large = malloc(10 * MIB);
  CHECK(small && large);
  memset(small, 1, 1000);
  memset(large, 2, 10 * MIB);
  if (limit_itself(argv[1]) < 0) return 0;
  CHECK((size_t)mapped_pages() < 300 * MIB / (size_t)sysconf(_SC_PAGESIZE));
  char *mapping = mmap(NULL, 256 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(mapping != MAP_FAILED);
  for (size_t bytes = 16; bytes < 32 * MIB; bytes *= 3) {
    char *block = calloc(1, bytes);
    CHECK(block && !block[bytes - 1]);
    CHECK((block = realloc(block, 2 * bytes)));
    block[2 * bytes - 1] = 1;
    free(block);
  }
  CHECK((large = realloc(large, 20 * MIB)));
  CHECK(small[999] == 1 && large[10 * MIB - 1] == 2);
  free(small);
  free(large);
  return 0;
}
