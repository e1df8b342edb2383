/*
 * atomics.h: every atomic operation of the project, with its memory order in its name.
 *
 * They work on plain integers and pointers of natural alignment (the segment is shared with other processes,
 * and its header with C++, so _Atomic types are not used). This list is the inventory of orderings: one that
 * is not here is not used. House rule: whatever is stronger than relaxed says "pairs with FUNCTION" where it
 * stands; relaxed on data that others write says why it is enough.
 */
#ifndef RATION_BASE_ATOMICS_H
#define RATION_BASE_ATOMICS_H

#include <stdint.h>

#include "base/compiler.h"

#define load_relaxed(place)         __atomic_load_n((place), __ATOMIC_RELAXED)
#define load_acquire(place)         __atomic_load_n((place), __ATOMIC_ACQUIRE)
#define store_relaxed(place, value) __atomic_store_n((place), (value), __ATOMIC_RELAXED)
#define store_release(place, value) __atomic_store_n((place), (value), __ATOMIC_RELEASE)

/* Is this pointer NULL just now? Relaxed; on x86-64 one instruction and a jump, where a load of its own is two. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define is_null_relaxed(place)                                                                               \
  __extension__({                                                                                            \
    int is_null;                                                                                             \
    __asm__ volatile("cmpq $0, %1" : "=@cce"(is_null) : "m"(*(place)));                                      \
    is_null;                                                                                                 \
  })
#else
#define is_null_relaxed(place) (load_relaxed(place) == NULL)
#endif

/* Read-modify-write, for words that several threads write. Yields the value before. */
#define add_relaxed(place, value)      __atomic_fetch_add((place), (value), __ATOMIC_RELAXED)
#define exchange_relaxed(place, value) __atomic_exchange_n((place), (value), __ATOMIC_RELAXED)
#define exchange_acquire(place, value) __atomic_exchange_n((place), (value), __ATOMIC_ACQUIRE)

/* Compare and swap: true if *place held *expected and now holds value; else *expected is what it holds. */
#define cas_relaxed(place, expected, value)                                                                  \
  __atomic_compare_exchange_n((place), (expected), (value), 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#define cas_acq_rel(place, expected, value)                                                                  \
  __atomic_compare_exchange_n((place), (expected), (value), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)

/*
 * A 64-bit word with one writer, which others may read at any time: no locked instruction, on x86-64 one in all.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
static inline void add_owned(uint64_t *place, uint64_t value) {
  __asm__("addq %1, %0" : "+m"(*place) : "er"(value) : "cc");
}
#else
static inline void add_owned(uint64_t *place, uint64_t value) {
  store_relaxed(place, load_relaxed(place) + value);
}
#endif

/*
 * Compare and swap in a word that one thread writes, its signal handlers among them: no locked instruction on x86-64.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
static inline int swap_owned(uint64_t *place, uint64_t *expected, uint64_t value) {
  int is_same;
  __asm__ volatile("cmpxchgq %3, %1"
                   : "+a"(*expected), "+m"(*place), "=@ccz"(is_same)
                   : "r"(value)
                   : "memory");
  return is_same;
}
#else
static inline int swap_owned(uint64_t *place, uint64_t *expected, uint64_t value) {
  return __atomic_compare_exchange_n(place, expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
#endif

/*
 * fence_full: all loads and stores before it are seen before all after it. fence_release: the same before all stores
 * after it. ThreadSanitizer knows no fences; there, partners, which stand in one file, add to the same word, which
 * orders as much.
 */
#if defined(__SANITIZE_THREAD__)
static inline void fence_full(void) {
  static uint32_t meeting_point;
  __atomic_fetch_add(&meeting_point, 0, __ATOMIC_SEQ_CST);
}
static inline void fence_release(void) {
  fence_full();
}
#else
static inline void fence_full(void) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void fence_release(void) {
  __atomic_thread_fence(__ATOMIC_RELEASE);
}
#endif

/* What a signal handler of the same thread changes is seen in the loads after it, if it is in one before it; no instruction. */
static inline void fence_signal(void) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#endif
