/*
 * caller.h: the category of a call site, where no scope says otherwise: that of the module it lies in.
 *
 * Three steps, each used when the one before does not know: the thread's own cache of return addresses (fast
 * path), a cache of modules shared by all threads, and the loader's answer (lock-free) with the tree of
 * categories. Addresses are used again after dlclose, so every entry of both caches is bound to a generation
 * that dlclose raises.
 */
#ifndef RATION_TRACK_CALLER_H
#define RATION_TRACK_CALLER_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "track/thread.h"

#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi: spreads what differs in few bits */

struct callers {
  uint64_t salt; /* generation * GOLDEN_RATIO: mixed into every key, so that old entries fit nothing */
  uintptr_t runtime_start;      /* the C++ runtime whose operator new calls malloc: */
  uintptr_t runtime_bytes;      /* see caller_asked */
} __attribute__((aligned(64))); /* read at every operation: alone in its cache line */

extern struct callers callers;

/* The category of the module of `address`; what it finds, `record` (may be NULL) keeps. */
SLOW_PATH uint32_t caller_look_up(uintptr_t address, struct record *record);

/* dlclose is about to unmap a module, or has done so. */
void caller_forget_modules(void);

/* operator new lives in the module of this function: its calls of malloc are its caller's. */
void caller_set_runtime(const void *operator_new);

ALWAYS_INLINE uint64_t caller_key(uintptr_t address) {
  return address ^
         load_relaxed(&callers.salt); /* a stale generation is that of a call before dlclose ended */
}

ALWAYS_INLINE struct caller *caller_entry(struct record *record, uint64_t key) {
  return &record->callers[(key * GOLDEN_RATIO) >> (64 - CALLERS_BITS)];
}

ALWAYS_INLINE uint32_t caller_category(uintptr_t address, struct record *record) {
  uint64_t key = caller_key(address);
  const struct caller *entry = caller_entry(record, key);
  return LIKELY(entry->key == key) ? (uint32_t)entry->category : caller_look_up(address, record);
}

/* The address lies in the C++ runtime. Both words are set once, and harmless while only one is. */
ALWAYS_INLINE int caller_is_runtime(uintptr_t address) {
  return address - load_relaxed(&callers.runtime_start) < load_relaxed(&callers.runtime_bytes);
}

/*
 * Who asked for a block: the caller of malloc, or, where that is the C++ runtime on behalf of an operator new
 * that is open in this thread, the caller of operator new. An operator new that was left by an exception is
 * still noted as open; it can then mislead only a direct malloc of the runtime itself.
 */
ALWAYS_INLINE uintptr_t caller_asked(uintptr_t address) {
  return UNLIKELY(thread.asker) && caller_is_runtime(address) ? thread.asker : address;
}

#endif
