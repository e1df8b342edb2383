/*
 * fork_pools.c: see fork_pools.h. One forking thread at a time notes them: the one that sums the books.
 */
#include "track/fork_pools.h"

#include "model/pools.h"
#include "os/memory.h"
#include "track/process.h"

static struct ration_segment_pool *noted; /* NULL: none */
static uint32_t noted_count;

static size_t noted_bytes(void) {
  size_t page = memory_page_bytes();
  return (SEGMENT_POOLS_MOST * sizeof *noted + page - 1) / page * page;
}

static void note(const struct segment *from) {
  noted_count = 0;
  noted = load_relaxed(&from->pools_used) ? memory_map(noted_bytes())
                                          : NULL; /* none is seen, or looked at below */
  if (noted) noted_count = pools_note_all(from, noted);
}

void fork_pools_prepare(void) {
  note(&segment);
}

void fork_pools_parent(void) {
  if (noted) memory_unmap(noted, noted_bytes());
  noted = NULL;
}

void fork_pools_open(struct segment *child, const struct segment *parents) {
  if (!noted) note(parents);
  if (noted) pools_open_all(child, noted, noted_count);
  fork_pools_parent();
}
