/*
 * stacks.c: walking, and a cache from the addresses of a stack to its site.
 *
 * A word of the cache: the upper 48 bits of the hash of addresses, category, generation of the modules, and segment;
 * below them the site. Its place comes from other bits of the hash: so one of 2^63 stacks is taken for another. Relaxed:
 * a word is all there is, and a site is there for as long as the segment is.
 */
#include "track/stacks.h"

#include <errno.h>

#include "model/sites.h"
#include "os/memory.h"
#include "track/caller.h"
#include "track/modules.h"
#include "track/process.h"
#include "track/stack_hash.h"
#include "track/walk.h"

#define SMALL_CACHE 256 /* words */
#define FULL_CACHE  32768
#define SITE_MASK   UINT64_C(0xffff)
_Static_assert(SEGMENT_SITES_MOST <= SITE_MASK, "a site's number fits its word");

static uint64_t small_cache[SMALL_CACHE];
static struct {
  uint64_t *words;
  uint64_t mask;                          /* words - 1 */
} cache = {small_cache, SMALL_CACHE - 1}; /* changed while there is one thread, as the next */
static uint64_t epoch;                    /* of the segment */

void stacks_prepare(void) {
  uint64_t *words = memory_map(FULL_CACHE * sizeof *words);
  if (!words) return;
  cache.words = words;
  cache.mask = FULL_CACHE - 1;
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
static const void *start_of(struct asker asker, const void *own) {
  if (caller_has_asker() && caller_is_in_runtime(asker.address)) asker = caller_open_asker();
  int is_known = asker.frame && ((const uintptr_t *)asker.frame)[1] == asker.address;
  return is_known ? asker.frame : own;
}

/* Counts what the walk could not find out. Returns flags of the site. */
static uint32_t note_result(int result) {
  uint32_t flags = 0;
  if (result == 0) {
    add_relaxed(&segment.process->stacks_truncated, 1); /* a sum */
    flags = RATION_SITE_TRUNCATED;
  } else if (result != -ENOENT && unwind_way_now() != UNWIND_OFF) {
    note_end(result, &flags);
  }
  return flags;
}

/* The innermost first, each in its module. They take the place of what was walked. */
static const uint64_t *frames_of(struct stack_room *room, uint64_t generation) {
  uint64_t *frames = (uint64_t *)(void *)room->walked;
  for (uint32_t i = 0; i < room->count; i++)
    frames[i] = modules_frame(room->kept[room->count - 1 - i].pc, generation);
  return frames;
}

int stacks_site(struct asker asker, uint32_t category, struct stack_room *room, struct site_birth birth,
                uint32_t *ret_site) {
  uint64_t generation = caller_generation();
  uintptr_t taker = load_relaxed(&room->taker); /* one's own */
  const void *start = start_of(asker, __builtin_frame_address(0));
  int is_same = stack_memo_stands(room, start, generation);
  if (!is_same) stack_memo_walk(room, start, generation, is_way_in);
  if (load_relaxed(&room->taker) != taker) return -EINTR; /* a handler's, by now */
  uint32_t flags = note_result(room->result), count = room->count;
  uint64_t hash = count ? room->kept[count - 1].hash : 0;
  uint64_t rest = generation << 32 ^ epoch << 24 ^ (uint64_t)count << 16 ^ flags << 8 ^ category;
  if (is_same && room->site && room->site_rest == rest) {
    *ret_site = room->site;
    return 0;
  }
  hash = stack_hash_of_site(hash, rest);
  uint64_t *place = &cache.words[hash & cache.mask], word = load_relaxed(place);
  uint32_t site = (uint32_t)(word & SITE_MASK);
  if (!site || (word & ~SITE_MASK) != (hash & ~SITE_MASK)) {
    struct stack_key key = {
        .frames = frames_of(room, generation), .count = count, .flags = flags, .category = category};
    int result = sites_intern(&segment, key, birth, &site);
    if (result < 0) return result;
    store_relaxed(place, (hash & ~SITE_MASK) | site);
  }
  room->site_rest = rest;
  room->site = *ret_site = site;
  return 0;
}
