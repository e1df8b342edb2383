/*
 * stacks.c: walking, and a cache from the addresses of a stack to its site.
 *
 * A word of the cache: the upper 48 bits of the hash of addresses, category, generation of the modules, and segment;
 * below them the site. Its place comes from other bits of the hash: so one of 2^63 stacks is taken for another. Relaxed:
 * a word is all there is, and a site is there for as long as the segment is.
 */
#include "track/stacks.h"

#include <errno.h>

#include "base/hash.h"
#include "model/sites.h"
#include "os/memory.h"
#include "track/caller.h"
#include "track/modules.h"
#include "track/process.h"
#include "track/walk.h"

#define SMALL_CACHE 1024 /* words */
#define FULL_CACHE  32768
#define SITE_MASK   UINT64_C(0xffff)
_Static_assert(SEGMENT_SITES_MOST <= SITE_MASK, "a site's number fits its word");

static uint64_t small_cache[SMALL_CACHE];
static struct {
  uint64_t *words;
  uint64_t count;
} cache = {small_cache, SMALL_CACHE}; /* changed while there is one thread, as the next */
static uint64_t epoch;                /* of the segment */

void stacks_prepare(void) {
  uint64_t *words = memory_map(FULL_CACHE * sizeof *words);
  if (!words) return;
  cache.words = words;
  cache.count = FULL_CACHE;
}

void stacks_forget(void) {
  epoch++;
}

/* The innermost frames are the shim's, or an operator new's. */
static int is_way_in(uintptr_t pc) {
  return caller_is_in(pc, &caller_shim) || caller_is_in_runtime(pc);
}

static void note_end(int result, uint32_t *flags) {
  uint32_t reason = result == -EFAULT  ? RATION_STACK_ASTRAY
                    : result == -EBUSY ? RATION_STACK_BUSY
                                       : RATION_STACK_UNKNOWN;
  *flags |= RATION_SITE_INCOMPLETE;
  add_relaxed(&segment.process->stacks_ended[reason], 1); /* a sum */
}

/* The frame whose address the asker has; where that is not known, our own, from which the way leads through the shim. */
static struct unwind_frame start_of(struct asker asker, const void *own) {
  if (caller_has_asker() && caller_is_in_runtime(asker.address)) asker = thread.asker;
  int is_known = asker.frame && ((const uintptr_t *)asker.frame)[1] == asker.address;
  return unwind_from(is_known ? asker.frame : own);
}

static uint32_t walk(struct asker asker, struct stack_room *room, uint32_t *ret_flags) {
  struct unwind_frame frame = start_of(asker, __builtin_frame_address(0));
  uint32_t count = 0, flags = 0;
  int result;
  do {
    if (count == 0 && is_way_in(frame.pc)) continue;
    if (count == RATION_SITE_FRAMES_MOST) break;
    room->frames[count++] = frame.pc;
  } while ((result = walk_step(&frame)) == 0);
  if (result == 0) {
    flags = RATION_SITE_TRUNCATED;
    add_relaxed(&segment.process->stacks_truncated, 1); /* a sum */
  } else if (result != -ENOENT && unwind_way_now() != UNWIND_OFF) {
    note_end(result, &flags);
  }
  *ret_flags = flags;
  return count;
}

static uint64_t hash_of(const struct stack_room *room, uint32_t count, uint64_t seed) {
  uint64_t hash = hash_word(seed);
  for (uint32_t i = 0; i < count; i++) {
    hash = (hash << 7 | hash >> 57) ^ room->frames[i];
    hash *= UINT64_C(0x9e3779b97f4a7c15);
  }
  return hash_word(hash ^ count);
}

int stacks_site(struct asker asker, uint32_t category, struct stack_room *room, uint64_t now,
                uint32_t *ret_site) {
  struct stack_key key = {.frames = room->frames, .category = category};
  key.count = walk(asker, room, &key.flags);
  uint64_t generation = caller_generation();
  uint64_t hash = hash_of(room, key.count, generation << 20 ^ epoch << 16 ^ key.flags << 8 ^ category);
  uint64_t *place = &cache.words[hash % cache.count], word = load_relaxed(place);
  uint32_t site = (uint32_t)(word & SITE_MASK);
  if (!site || (word & ~SITE_MASK) != (hash & ~SITE_MASK)) {
    for (uint32_t i = 0; i < key.count; i++) room->frames[i] = modules_frame(room->frames[i], generation);
    int result = sites_intern(&segment, key, now, &site);
    if (result < 0) return result;
    store_relaxed(place, (hash & ~SITE_MASK) | site);
  }
  *ret_site = site;
  return 0;
}
