/*
 * A program with an allocator of its own, as many large ones: its definitions come before any preloaded ones. Expected:
 * the shim sees that it is passed by, counts nothing, and the report says so.
 */
#include "victim.h"

static _Alignas(16) unsigned char heap[64 << 20];
static size_t used;

void *malloc(size_t size) {
  size_t at = __atomic_fetch_add(&used, (size + 31) & ~(size_t)15, __ATOMIC_RELAXED);
  CHECK(at + size + 16 <= sizeof heap);
  *(size_t *)(void *)(heap + at) = size;
  return heap + at + 16;
}

void free(void *block) {
  CHECK(!block || ((unsigned char *)block > heap && (unsigned char *)block < heap + sizeof heap));
}

void *calloc(size_t count, size_t size) {
  return malloc(count * size);
}

void *realloc(void *block, size_t size) {
  void *moved = malloc(size);
  if (block) memcpy(moved, block, ((size_t *)block)[-2] < size ? ((size_t *)block)[-2] : size);
  return moved;
}

int main(void) {
  for (size_t i = 1; i < 1000; i++) {
    char *block = malloc(i);
    CHECK((unsigned char *)block > heap && (unsigned char *)block < heap + sizeof heap);
    free(block);
  }
  CHECK_EQUAL(is_tracked(), 0);
  join_thread(start_thread((void *(*)(void *))(void *)malloc, (void *)10));
  pid_t pid = fork();
  if (pid == 0) exit(3);
  CHECK_EQUAL(status_of(pid), 3);
  puts("done");
  return 0;
}
