/*
 * slack.c: see slack.h.
 */
#include "heap/slack.h"

#include "base/atomics.h"
#include "heap/heap.h"
#include "os/memory.h"

#define EXACT_AFTER    64 /* blocks that were exact, and none that was not */
#define CHUNK_LEAST    UINT64_C(32)
#define CHUNK_HEADER   UINT64_C(16)
#define MIMALLOC_OVER  (UINT64_C(32) << 10)
#define MIMALLOC_MORE  (UINT64_C(128) << 10)
#define MIMALLOC_LARGE (UINT64_C(512) << 10) /* from there on up to twice as much was seen */
#define MIMALLOC_MOST  (UINT64_C(4) << 20)   /* but never more than this */

static uint64_t blocks_seen;
static uint32_t is_inexact;

void slack_note(uint64_t requested, uint64_t usable) {
  if (load_relaxed(&blocks_seen) < EXACT_AFTER) add_relaxed(&blocks_seen, 1); /* a sum */
  if (usable != requested) store_relaxed(&is_inexact, 1);                     /* for good */
}

/* Any chunk may be mapped: such a one ends with a page, which it may fill by a few bytes; an aligned one begins within one. */
static uint64_t libc_bound(uint64_t requested) {
  uint64_t plain = ((requested + CHUNK_HEADER / 2 + 15) & ~UINT64_C(15)) + CHUNK_LEAST;
  return plain + memory_page_bytes();
}

static uint64_t mimalloc_more(uint64_t requested) {
  if (requested <= MIMALLOC_OVER) return 0;
  if (requested <= MIMALLOC_LARGE) return MIMALLOC_MORE;
  return requested < MIMALLOC_MOST ? requested : MIMALLOC_MOST;
}

static uint64_t foretold_bound(uint64_t old_usable, uint64_t requested) {
  uint64_t quarter = old_usable + old_usable / 4;
  uint64_t more = next.is_mimalloc ? mimalloc_more(requested) : 0;
  return next.good_size(requested > quarter || next.is_mimalloc ? requested : quarter, 0) + more;
}

/* Near the end of the numbers nothing is foretold: such a request fails. */
uint64_t slack_bound(uint64_t old_usable, uint64_t requested) {
  if (requested >> 47) return 0;
  if (heap_is_libc()) return libc_bound(requested);
  return next.good_size ? foretold_bound(old_usable, requested) : 0;
}

int slack_is_none(void) {
  return load_relaxed(&blocks_seen) >= EXACT_AFTER && !load_relaxed(&is_inexact); /* hints */
}
