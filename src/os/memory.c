/*
 * memory.c: mmap and its relatives, by their raw system calls (see system.h).
 */
#include "os/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "os/range.h"
#include "os/sandbox.h"
#include "os/system.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static void *map(size_t bytes, int protection, int flags, int descriptor) {
  long address = SYSTEM(mmap, NULL, bytes, protection, flags, descriptor, 0);
  return address < 0 ? NULL : (void *)address;
}

size_t memory_page_bytes(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages of the shim's own, noted as such. */
static void *map_own(size_t bytes, int protection) {
  void *memory = map(bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (memory) range_add(memory, bytes, RANGE_SHIM, 0);
  return memory;
}

void *memory_map(size_t bytes) {
  return map_own(bytes, PROT_READ | PROT_WRITE);
}

void *memory_reserve(size_t bytes) {
  return map_own(bytes, PROT_READ);
}

void *memory_reserve_closed(size_t bytes) {
  return map_own(bytes, PROT_NONE);
}

int memory_open(void *address, size_t bytes) {
  if (sandbox_kills(SYS_mprotect)) return -EPERM;
  return (int)SYSTEM(mprotect, address, bytes, PROT_READ | PROT_WRITE);
}

void memory_close(void *address, size_t bytes) {
  SYSTEM(mprotect, address, bytes, PROT_NONE);
}

int memory_close_again(void *address, size_t bytes) {
  if (sandbox_kills(SYS_mmap)) return -EPERM;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  long result = SYSTEM(mmap, address, bytes, PROT_NONE, flags, -1, 0);
  if (result > 0) memory_keep_small(address, bytes);
  return result < 0 ? (int)result : 0;
}

void memory_seal(void *address, size_t bytes) {
  SYSTEM(mprotect, address, bytes, PROT_READ);
}

void memory_unmap(void *address, size_t bytes) {
  range_remove(address); /* first: another thread may be given the same address at once */
  SYSTEM(munmap, address, bytes);
}

int memory_empty(void *address, size_t bytes) {
  if (sandbox_kills(SYS_madvise)) return -EPERM;
  return (int)SYSTEM(madvise, address, bytes, MADV_DONTNEED);
}

void *memory_grow(void *address, size_t bytes, size_t new_bytes) {
  range_remove(address); /* see memory_unmap */
  long moved = SYSTEM(mremap, address, bytes, new_bytes, MREMAP_MAYMOVE);
  if (moved < 0)
    range_add(address, bytes, RANGE_SHIM, 0);
  else
    range_add((void *)moved, new_bytes, RANGE_SHIM, 0);
  return moved < 0 ? NULL : (void *)moved;
}

void *memory_map_file(int descriptor, size_t bytes) {
  return map(bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor);
}

void *memory_map_copy(int descriptor, size_t bytes) {
  return map(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor);
}

int memory_move(void *from, size_t bytes, void *address) {
  long moved = SYSTEM(mremap, from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, address);
  return moved < 0 ? (int)moved : 0;
}

int memory_take_copy(void *address, size_t bytes) {
  void *copy = map(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (!copy) return -ENOMEM;
  memcpy(copy, address, bytes);
  int result = memory_move(copy, bytes, address);
  if (result < 0) SYSTEM(munmap, copy, bytes);
  return result;
}

int memory_wipe_on_fork(void *address, size_t bytes) {
  return (int)SYSTEM(madvise, address, bytes, MADV_WIPEONFORK);
}

void memory_keep_small(void *address, size_t bytes) {
  if (!sandbox_kills(SYS_madvise)) SYSTEM(madvise, address, bytes, MADV_NOHUGEPAGE);
}

void memory_allow_huge(void *address, size_t bytes) {
  if (!sandbox_kills(SYS_madvise)) SYSTEM(madvise, address, bytes, MADV_HUGEPAGE);
}

int memory_may_be_huge(void) {
  static const char always[] =
      "[always]"; /* the word in brackets holds; transhuge.rst of the kernel's documentation */
  char words[64];
  return system_read_file("/sys/kernel/mm/transparent_hugepage/enabled", words, sizeof words) > 0 &&
         memcmp(words, always, sizeof always - 1) == 0;
}

int memory_make_present(void *address, size_t bytes) {
  if (sandbox_kills(SYS_madvise)) return -EPERM;
  return (int)SYSTEM(madvise, address, bytes, MADV_POPULATE_WRITE);
}

int memory_may_make_present(void) {
  return memory_make_present(NULL, 0) != -EINVAL; /* madvise(2): 0 for advice that is known */
}

static uint64_t limit(int resource) {
  struct rlimit now;
  long result = SYSTEM(prlimit64, 0, resource, NULL, &now);
  return result < 0 || now.rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)now.rlim_cur;
}

uint64_t memory_map_limit(void) {
  uint64_t addresses = limit(RLIMIT_AS), data = limit(RLIMIT_DATA);
  return addresses < data ? addresses : data;
}

uint64_t memory_file_limit(void) {
  return limit(RLIMIT_FSIZE);
}
