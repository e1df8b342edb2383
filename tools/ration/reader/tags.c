/*
 * tags.c: the tag map, read from outside by process_vm_readv(2), which stops nobody. The process goes on, so
 * the answer was true at some moment of the look-up.
 */
#include "reader/tags.h"

#include <errno.h>
#include <string.h>

#include "reader/page_rows.h"
#include "reader/remote.h"

#define CHUNK_FLAGS     7
#define CHUNK_IS_MAPPED 2

static int check_places(const struct tag_places *tags, struct fault *ret_fault);
static int look_up_page(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts,
                        struct fault *ret_fault);
static int find_in_leaf(const struct snapshot *snapshot, uint64_t leaf, uint64_t granule, uint64_t end,
                        uint64_t *ret_address);
static size_t first_tag(const uint8_t *tags, size_t count);
static int read_memory(uint32_t pid, uint64_t address, void *ret_bytes, size_t count,
                       struct fault *ret_fault);
static int tell(int error, const char *place, struct fault *ret_fault);

int tags_look_up(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts,
                 struct fault *ret_fault) {
  const struct tag_places *tags = &snapshot->tags;
  struct block_facts facts = {0};
  int error = check_places(tags, ret_fault);
  if (error) return error;
  if (page_rows_cover(snapshot, address, address))
    return look_up_page(snapshot, address, ret_facts, ret_fault);

  uint64_t granule = address >> tags->granule_shift;
  uint64_t entry = granule >> tags->leaf_bits;
  uint64_t leaf = 0;
  uint8_t tag = 0;
  bool may_start = address == granule << tags->granule_shift && entry < tags->directory_entries;
  if (may_start) {
    error = read_memory(snapshot->name.pid, tags->directory + entry * 8, &leaf, sizeof leaf, ret_fault);
  }
  if (leaf != 0 && !error) {
    uint64_t place = leaf + (granule & ((UINT64_C(1) << tags->leaf_bits) - 1));
    error = read_memory(snapshot->name.pid, place, &tag, sizeof tag, ret_fault);
  }
  if (tag != 0 && tags->has_chunk_sizes && !error) {
    uint64_t size_field;
    error = read_memory(snapshot->name.pid, address - 8, &size_field, sizeof size_field, ret_fault);
    facts.has_size = !error;
    if (!error) facts.usable_bytes = tags_chunk_usable_bytes(size_field);
  }
  if (error) return error;
  facts.category = tag;
  *ret_facts = facts;
  return 0;
}

int tags_find_next(const struct snapshot *snapshot, uint64_t from, uint64_t end, uint64_t *ret_address) {
  const struct tag_places *tags = &snapshot->tags;
  struct fault fault;
  int error = check_places(tags, &fault);
  if (error) return error;
  uint64_t granule = from >> tags->granule_shift, last = (end - 1) >> tags->granule_shift;
  *ret_address = 0;
  while (!error && *ret_address == 0 && granule <= last) {
    uint64_t leaf = 0, next = ((granule >> tags->leaf_bits) + 1) << tags->leaf_bits;
    uint64_t entry = granule >> tags->leaf_bits;
    if (entry >= tags->directory_entries) break;
    error = remote_read_sparse(snapshot->name.pid, tags->directory + entry * 8, &leaf, sizeof leaf);
    if (next > last + 1) next = last + 1;
    if (leaf != 0 && !error) error = find_in_leaf(snapshot, leaf, granule, next, ret_address);
    granule = next;
  }
  return error;
}

/* Among the granules from `granule` to below `end`, all of one leaf. */
static int find_in_leaf(const struct snapshot *snapshot, uint64_t leaf, uint64_t granule, uint64_t end,
                        uint64_t *ret_address) {
  static uint8_t tags[1 << 16];
  const struct tag_places *places = &snapshot->tags;
  for (; granule < end; granule += sizeof tags) {
    size_t count = end - granule < sizeof tags ? (size_t)(end - granule) : sizeof tags;
    uint64_t place = leaf + (granule & ((UINT64_C(1) << places->leaf_bits) - 1));
    int error = remote_read_sparse(snapshot->name.pid, place, tags, count);
    if (error) return error;
    size_t first = first_tag(tags, count);
    if (first == count) continue;
    *ret_address = (granule + first) << places->granule_shift;
    return 0;
  }
  return 0;
}

/* `count`: there is none. Most of a map is empty: it is looked through in words. */
static size_t first_tag(const uint8_t *tags, size_t count) {
  uint64_t word;
  size_t i = 0;
  for (; i + sizeof word <= count; i += sizeof word) {
    memcpy(&word, tags + i, sizeof word);
    if (word) break;
  }
  while (i < count && tags[i] == 0) i++;
  return i;
}

/* A chunk of the heap lends its last word from the next one; a mapped one has none behind it. */
uint64_t tags_chunk_usable_bytes(uint64_t size_field) {
  uint64_t chunk = size_field & ~(uint64_t)CHUNK_FLAGS;
  uint64_t overhead = size_field & CHUNK_IS_MAPPED ? 16 : 8;
  return chunk > overhead ? chunk - overhead : 0;
}

static int check_places(const struct tag_places *tags, struct fault *ret_fault) {
  if (tags->directory == 0) {
    return fault_set(ret_fault, -ENOTSUP, "has no tag map: its blocks are not tracked; see `ration report`");
  }
  if (tags->granule_shift < 3 || tags->granule_shift > 4 || tags->leaf_bits < 1 || tags->leaf_bits > 47 ||
      tags->directory_entries > UINT64_C(1) << 48) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: its tag map makes no sense; nothing can be read");
  }
  return 0;
}

/* A block of the page heap has its page's category, a sample or not. */
static int look_up_page(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts,
                        struct fault *ret_fault) {
  int error = page_rows_look_up(snapshot, address, ret_facts);
  return error ? tell(error, "the page heap's table", ret_fault) : 0;
}

static int read_memory(uint32_t pid, uint64_t address, void *ret_bytes, size_t count,
                       struct fault *ret_fault) {
  int error = remote_read(pid, address, ret_bytes, count);
  return error ? tell(error, "the tag map's place", ret_fault) : 0;
}

static int tell(int error, const char *place, struct fault *ret_fault) {
  if (error == -EPERM) {
    return fault_set(ret_fault, error,
                     "its memory may not be read; be the same user or root, and look at "
                     "/proc/sys/kernel/yama/ptrace_scope");
  }
  if (error == -ESRCH) return fault_set(ret_fault, error, "is gone; `ration list` shows what runs");
  return fault_set(ret_fault, -EBADMSG, "its memory cannot be read at %s: %s", place, strerror(-error));
}
