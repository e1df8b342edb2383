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
  struct module_hint hint = {0};
  for (uint32_t i = 0; i < room->count; i++)
    frames[i] = modules_frame(room->kept[room->count - 1 - i].pc, generation, &hint);
  return frames;
}

/* What makes a site, beside the addresses. */
static inline uint64_t rest_of(uint64_t generation, uint32_t count, uint32_t flags, uint32_t category) {
  return generation << 32 ^ epoch << 24 ^ (uint64_t)count << 16 ^ flags << 8 ^ category;
}

/* 0: it is not there. */
static inline uint32_t cached_site(uint64_t hash) {
  uint64_t word = load_relaxed(&cache.words[hash & cache.mask]);
  return (word & ~SITE_MASK) == (hash & ~SITE_MASK) ? (uint32_t)(word & SITE_MASK) : 0;
}

/* 0: it takes a walk. Of a stack that is walked to its end there is nothing to be counted. */
static SAMPLE_PATH uint32_t glanced_site(struct stack_room *room, const void *start, uint64_t generation,
                                         uint32_t category) {
  struct stack_glance seen;
  if (room->result != -ENOENT || !stack_memo_glance(room, start, generation, is_way_in, &seen)) return 0;
  return cached_site(stack_hash_of_site(seen.hash, rest_of(generation, seen.count, 0, category)));
}

/* Of the stack that the room has. */
static inline int kept_site(struct stack_room *room, int is_same, uint32_t category, struct site_birth birth,
                            uint32_t *ret_site) {
  uint32_t flags = note_result(room->result), count = room->count;
  uint64_t rest = rest_of(room->generation, count, flags, category);
  if (is_same && room->site && room->site_rest == rest) {
    *ret_site = room->site;
    return 0;
  }
  uint64_t hash = stack_hash_of_site(count ? room->kept[count - 1].hash : 0, rest);
  uint32_t site = cached_site(hash);
  if (!site) {
    struct stack_key key = {
        .frames = frames_of(room, room->generation), .count = count, .flags = flags, .category = category};
    int result = sites_intern(&segment, key, birth, &site);
    if (result < 0) return result;
    store_relaxed(&cache.words[hash & cache.mask], (hash & ~SITE_MASK) | site);
  }
  room->site_rest = rest;
  room->site = *ret_site = site;
  return 0;
}

int stacks_site(struct asker asker, uint32_t category, struct stack_room *room, struct site_birth birth,
                uint32_t *ret_site) {
  uint64_t generation = caller_generation();
  uintptr_t taker = load_relaxed(&room->taker); /* one's own */
  const void *start = start_of(asker, __builtin_frame_address(0));
  int is_same = stack_memo_stands(room, start, generation);
  uint32_t glanced = 0;
  if (!is_same && !(glanced = glanced_site(room, start, generation, category)))
    stack_memo_walk(room, start, generation, is_way_in);
  if (UNLIKELY(load_relaxed(&room->taker) != taker)) return -EINTR; /* a handler's, by now */
  if (!glanced) return kept_site(room, is_same, category, birth, ret_site);
  *ret_site = glanced;
  return 0;
}
