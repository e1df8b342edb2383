/*
 * extents.c: from tag to tag, over what each tag's block belongs to. The process goes on meanwhile: what makes no sense
 * is taken for the rest of its mapping.
 */
#include "reader/extents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/remote.h"
#include "reader/tags.h"

#define ARENA_BYTES (UINT64_C(64) << 20)
#define CHUNK_HEAD                                                                                           \
  16 /* before a block: size of the one before, or what a mapped one has in front; its own size */
#define CHUNK_IS_MAPPED 2
#define CHUNK_IS_OTHERS 4 /* of another arena than the main one */
#define CHUNK_FLAGS     UINT64_C(7)

/* As glibc lays it out, and has since 2006. */
struct arena_head {
  uint64_t arena;
  uint64_t previous;
  uint64_t bytes;
  uint64_t bytes_open; /* of them and what is open beyond */
};

struct chunk_head {
  uint64_t before;
  uint64_t size;
};

static int go_on(const struct mapping *mapping, struct extents *extents, uint64_t *at);
static int extent_of(const struct snapshot *snapshot, const struct mapping *mapping, uint64_t from,
                     uint64_t block, struct extent *ret_extent);
static struct extent part_of_arena(struct extent arena, struct extent rest, uint64_t from, uint64_t block);
static bool is_mapped_chunk(struct chunk_head head, uint64_t chunk, uint64_t from);
static int arena_at(const struct snapshot *snapshot, const struct mapping *mapping, uint64_t start,
                    struct extent *ret_extent);

int extents_add(const struct snapshot *snapshot, const struct mapping *mapping, struct extents *extents) {
  if (mapping->kind == MAPPING_HEAP)
    return extents_put(extents, (struct extent){mapping->start, mapping->end});
  uint64_t at = mapping->start;
  struct extent extent;
  int error = go_on(mapping, extents, &at);
  if (error) return error;
  /* An arena may have no block left. */
  if (at % ARENA_BYTES == 0 && arena_at(snapshot, mapping, at, &extent) == 0) {
    error = extents_put(extents, extent);
    if (error) return error;
    at = extent.end;
  }
  while (at < mapping->end) {
    uint64_t block = 0;
    error = tags_find_next(snapshot, at, mapping->end, &block);
    if (error) return error;
    if (block == 0) break;
    error = extent_of(snapshot, mapping, at, block, &extent);
    if (error) return error;
    if (extent.end > mapping->end) {
      extents->reach = extent.end;
      extent.end = mapping->end;
    }
    error = extents_put(extents, extent);
    if (error) return error;
    at = extent.end;
  }
  return 0;
}

/* What began in a mapping before; *at moves behind it. */
static int go_on(const struct mapping *mapping, struct extents *extents, uint64_t *at) {
  if (extents->reach <= mapping->start) return 0;
  *at = extents->reach < mapping->end ? extents->reach : mapping->end;
  return extents_put(extents, (struct extent){mapping->start, *at});
}

void extents_free(struct extents *extents) {
  free(extents->extents);
  *extents = (struct extents){0};
}

/* The one that the block lies in, not below `from`; a mapped chunk may go on beyond the mapping. */
static int extent_of(const struct snapshot *snapshot, const struct mapping *mapping, uint64_t from,
                     uint64_t block, struct extent *ret_extent) {
  struct chunk_head head;
  struct extent rest = {block & ~UINT64_C(4095), mapping->end};
  if (rest.start < from) rest.start = from;
  *ret_extent = rest;
  int error = remote_read(snapshot->name.pid, block - CHUNK_HEAD, &head, sizeof head);
  if (error == -EFAULT) return 0;
  if (error) return error;
  if (head.size & CHUNK_IS_MAPPED) {
    uint64_t chunk = block - CHUNK_HEAD, bytes = head.size & ~CHUNK_FLAGS;
    if (is_mapped_chunk(head, chunk, from)) *ret_extent = (struct extent){chunk - head.before, chunk + bytes};
  } else if (head.size & CHUNK_IS_OTHERS) {
    struct extent arena;
    if (arena_at(snapshot, mapping, block & ~(ARENA_BYTES - 1), &arena) == 0)
      *ret_extent = part_of_arena(arena, rest, from, block);
  }
  return 0;
}

/*
 * An arena that has grown since the mappings were listed goes on where it was closed then, 64 MiB from its start at
 * most: of that mapping only so much is heap as the arena says now. A block beyond its end has been freed.
 */
static struct extent part_of_arena(struct extent arena, struct extent rest, uint64_t from, uint64_t block) {
  if (arena.end <= block) return (struct extent){rest.start, (block & ~UINT64_C(4095)) + 4096};
  return (struct extent){arena.start > from ? arena.start : from, arena.end};
}

/* It takes whole pages, as free() checks as well; what is freed meanwhile may say anything. */
static bool is_mapped_chunk(struct chunk_head head, uint64_t chunk, uint64_t from) {
  uint64_t bytes = head.size & ~CHUNK_FLAGS;
  return head.before <= chunk - from && bytes >= CHUNK_HEAD && bytes < UINT64_MAX / 2 - chunk &&
         (chunk - head.before) % 4096 == 0 && (chunk + bytes) % 4096 == 0;
}

/* Returns 0, or -ENOENT: no arena starts there. */
static int arena_at(const struct snapshot *snapshot, const struct mapping *mapping, uint64_t start,
                    struct extent *ret_extent) {
  struct arena_head head;
  if (remote_read(snapshot->name.pid, start, &head, sizeof head) != 0) return -ENOENT;
  bool is_arena = head.arena != 0 && head.arena % 16 == 0 && head.bytes > sizeof head &&
                  head.bytes % 4096 == 0 && head.bytes <= head.bytes_open && head.bytes_open <= ARENA_BYTES &&
                  head.bytes_open <= mapping->end - start && head.previous % ARENA_BYTES == 0;
  if (!is_arena) return -ENOENT;
  *ret_extent = (struct extent){start, start + head.bytes};
  return 0;
}

int extents_put(struct extents *extents, struct extent extent) {
  if (extents->count == extents->room) {
    size_t room = extents->room ? extents->room * 2 : 64;
    struct extent *grown = realloc(extents->extents, room * sizeof *grown);
    if (!grown) return -ENOMEM;
    extents->extents = grown;
    extents->room = room;
  }
  extents->extents[extents->count++] = extent;
  return 0;
}
