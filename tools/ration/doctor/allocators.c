/*
 * allocators.c: one table of them.
 */
#include "doctor/allocators.h"

#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES   ((size_t)1 << 20)
#define TEXT_MOST     64
#define SCANNED_BYTES ((uint64_t)1 << 30) /* of a file: the largest browsers have a fourth of that */

static const struct allocator allocators[] = {
    {.called = "PartitionAlloc",
     .part = "15partition_alloc",
     .lead = 'p',
     .text = "artition_alloc/allocated_objects",
     .advice = "build it without (Chromium, Electron: use_partition_alloc_as_malloc=false)"},
    {.called = "mozjemalloc",
     .symbols = {"moz_arena_malloc", "jemalloc_stats_internal"},
     .advice = "build it without (Firefox: --disable-jemalloc)"},
    {.called = "jemalloc",
     .symbols = {"mallctl", "je_mallctl", "_rjem_mallctl", "rallocx"},
     .lead = '<',
     .text = "jemalloc>: ",
     .library = "libjemalloc.so",
     .advice = "link it as a library (-ljemalloc), above which ration counts, or build without (Rust: no "
               "#[global_allocator]; redis: MALLOC=libc)"},
    {.called = "tcmalloc",
     .symbols = {"tc_malloc", "TCMallocInternalMalloc", "MallocExtension_GetNumericProperty"},
     .lead = 't',
     .text = "cmalloc.max_total_thread_cache_bytes",
     .library = "libtcmalloc",
     .advice = "link it as a library (-ltcmalloc), above which ration counts, or build without"},
    {.called = "mimalloc",
     .symbols = {"mi_malloc", "mi_heap_malloc"},
     .lead = 'm',
     .text = "imalloc: error: ",
     .library = "libmimalloc",
     .advice = "link it as a library (-lmimalloc), above which ration counts, or build without"},
    {.called = "snmalloc",
     .symbols = {"sn_malloc", "sn_rust_alloc"},
     .part = "8snmalloc",
     .library = "libsnmalloc",
     .advice = "build it without"},
    {.called = "rpmalloc", .symbols = {"rpmalloc"}, .library = "librpmalloc", .advice = "build it without"},
    {.called = "Scudo", .part = "N5scudo9Allocator", .advice = "build it without (-fsanitize=scudo)"},
    {.called = "the Boehm collector",
     .symbols = {"GC_malloc_kind_global", "GC_malloc_atomic"},
     .advice = "ask it for its own figures (GC_dump, GC_PRINT_STATS)"},
};
#define COUNT (sizeof allocators / sizeof *allocators)

static const struct allocator *search(int fd, uint64_t offset, uint64_t bytes, char *buffer);
static bool is_in(const char *bytes, size_t count, const struct allocator *allocator);

const struct allocator *allocator_of_symbol(const char *name) {
  for (size_t i = 0; i < COUNT; i++) {
    const struct allocator *allocator = &allocators[i];
    for (size_t j = 0; j < 4 && allocator->symbols[j]; j++) {
      if (strcmp(allocator->symbols[j], name) == 0) return allocator;
    }
    if (allocator->part && strstr(name, allocator->part)) return allocator;
  }
  return NULL;
}

const struct allocator *allocator_of_library(const char *soname) {
  for (size_t i = 0; i < COUNT; i++) {
    const char *library = allocators[i].library;
    if (library && strncmp(soname, library, strlen(library)) == 0) return &allocators[i];
  }
  return NULL;
}

const struct allocator *allocator_of_texts(Elf *elf, int fd) {
  size_t count;
  uint64_t left = SCANNED_BYTES;
  const struct allocator *found = NULL;
  char *buffer = malloc(CHUNK_BYTES);
  if (!buffer || elf_getphdrnum(elf, &count) != 0) count = 0;
  for (size_t i = 0; i < count && !found; i++) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD) continue;
    if (header.p_offset > INT64_MAX) continue;
    uint64_t bytes = header.p_filesz < left ? header.p_filesz : left;
    found = search(fd, header.p_offset, bytes, buffer);
    left -= bytes;
  }
  free(buffer);
  return found;
}

bool allocator_is_family(const char *name) {
  static const char *const family[] = {"malloc",         "free",          "calloc",   "realloc",
                                       "posix_memalign", "aligned_alloc", "memalign", "malloc_usable_size"};
  for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
    if (strcmp(family[i], name) == 0) return true;
  }
  return false;
}

/* Chunk by chunk, each with the end of the one before it. What is not there ends it. */
static const struct allocator *search(int fd, uint64_t offset, uint64_t bytes, char *buffer) {
  for (uint64_t at = 0; at < bytes; at += CHUNK_BYTES - TEXT_MOST) {
    size_t wanted = bytes - at < CHUNK_BYTES ? (size_t)(bytes - at) : CHUNK_BYTES;
    ssize_t got = pread(fd, buffer, wanted, (off_t)(offset + at));
    for (size_t i = 0; i < COUNT && got > 0; i++) {
      if (allocators[i].text && is_in(buffer, (size_t)got, &allocators[i])) return &allocators[i];
    }
    if (got < (ssize_t)CHUNK_BYTES) break;
  }
  return NULL;
}

static bool is_in(const char *bytes, size_t count, const struct allocator *allocator) {
  size_t length = strlen(allocator->text);
  const char *at = bytes, *end = bytes + count;
  while ((at = memmem(at, (size_t)(end - at), allocator->text, length)) != NULL) {
    if (at > bytes && at[-1] == allocator->lead) return true;
    at++;
  }
  return false;
}
