/*
 * Large blocks are resized where little more is to be had. Argument: budget, or exactly, the same where blocks have whole pages
 * and nothing besides: a category may have 64 MiB; data: the process may write to 40 MiB more, as another process has set it
 * (prlimit(1)). Expected: what fits is granted, to the last byte of the budget; what does not is refused, with ENOMEM, and the
 * block is as it was.
 */
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "victim.h"

#define MIB   ((size_t)1 << 20)
#define LIMIT (64 * MIB)

static char *take(size_t bytes) {
  char *block = malloc(bytes);
  CHECK(block != NULL);
  for (size_t at = 0; at < bytes; at += 512) block[at] = (char)(at >> 9);
  return block;
}

/* What take() has written. */
static void check(const char *block) {
  for (size_t at = 0; at < 20 * MIB; at += 512) CHECK_EQUAL(block[at], (char)(at >> 9));
}

static char *granted(char *block, size_t bytes) {
  CHECK((block = realloc(block, bytes)) != NULL);
  check(block);
  return block;
}

static void refused(char *block, size_t bytes) {
  size_t held = malloc_usable_size(block);
  errno = 0;
  CHECK(realloc(block, bytes) == NULL);
  CHECK_EQUAL(errno, ENOMEM);
  CHECK_EQUAL(malloc_usable_size(block), held);
  check(block);
}

static void of_budget(size_t slack) {
  ration_category_id grown = ration_tag_category("grown");
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = LIMIT, .policy = RATION_POLICY_REFUSE};
  CHECK_EQUAL(SHIM(ration_budget_set)(grown, &budget), 0);
  ration_tag_enter(grown);
  char *other = take(30 * MIB), *block = take(20 * MIB);
  for (int round = 0; round < 3; round++) {
    size_t most = LIMIT - malloc_usable_size(other);
    refused(block, most + 1);
    block = granted(block, most - slack);
    CHECK(books_by_id(grown).live_bytes <= LIMIT);
    CHECK_EQUAL(books_by_id(grown).live_bytes, malloc_usable_size(other) + malloc_usable_size(block));
    if (!slack) CHECK(malloc_usable_size(block) == most && malloc(1) == NULL);
    refused(block, most + 1);
    block = granted(block, 20 * MIB + 1);
  }
  ration_tag_leave();
  free(other);
  free(block);
}

static void of_data(void) {
  char line[256];
  unsigned long kib = 0;
  char *block = take(20 * MIB);
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status)) sscanf(line, "VmData: %lu", &kib);
  fclose(status);
  struct rlimit limit = {.rlim_cur = kib * 1024 + 40 * MIB, .rlim_max = RLIM_INFINITY};
  CHECK_EQUAL(syscall(SYS_prlimit64, 0, RLIMIT_DATA, &limit, NULL), 0);
  for (int round = 0; round < 3; round++) {
    block = granted(block, 31 * MIB);
    refused(block, 200 * MIB);
    block = granted(block, 20 * MIB + 1);
    void *others = mmap(NULL, 30 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(others != MAP_FAILED);
    refused(block, 31 * MIB); /* though there may be addresses for it where it is */
    CHECK_EQUAL(munmap(others, 30 * MIB), 0);
  }
  free(block);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  free(malloc(1)); /* of the next allocator: the shim learns that one's sizes by it */
  if (strcmp(argv[1], "data") == 0)
    of_data();
  else
    of_budget(strcmp(argv[1], "exactly") == 0 ? 0 : MIB);
  puts("done");
  return 0;
}
