/*
 * flags.h: words of flags, of 32 and of 64 bits: yes and no of many things about one object, in one word.
 *
 *     enum { ALIVE = 1 << 0, MOVING = 1 << 1, SLEEPING = 1 << 2 };
 *
 *     ration_flags32_set(&creature->flags, ALIVE | MOVING);
 *     if (ration_flags32_is_all(creature->flags, ALIVE | MOVING)) move(creature);
 *     if (ration_flags32_is_any(creature->flags, SLEEPING)) wake(creature);
 *
 * A word is a plain uint32_t or uint64_t, so that it may lie in any struct; a mask is one flag or several. Each of the
 * 32-bit functions is there for 64 bits, too: ration_flags64_set and so on. Header-only; each is an instruction or two.
 *
 * Mask 0, no flag: set, clear, toggle and assign change nothing; is_any and is_set are 0, is_all and is_none are 1.
 * is_set is is_any: with several flags it asks for one of them, not for all. A pointer that is NULL is a word that is
 * always 0.
 *
 * Those that end in _shared are for a word that several threads change: each is one atomic operation. Who sees that a
 * flag is set also sees what was done before it was. The others: one thread at a time.
 */
#ifndef RATION_KIT_FLAGS_H
#define RATION_KIT_FLAGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* These change the word, and yield what it was before: `before & mask` are the flags that were set already. */

static inline uint32_t ration_flags32_set(uint32_t *flags, uint32_t mask);
static inline uint32_t ration_flags32_clear(uint32_t *flags, uint32_t mask);
static inline uint32_t ration_flags32_toggle(uint32_t *flags, uint32_t mask);
/* Sets them where value is not 0, clears them where it is. */
static inline uint32_t ration_flags32_assign(uint32_t *flags, uint32_t mask, int value);

static inline uint64_t ration_flags64_set(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_clear(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_toggle(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_assign(uint64_t *flags, uint64_t mask, int value);

/* These ask: 1 or 0. Is any of the flags in mask set, all of them, none? */

static inline int ration_flags32_is_set(uint32_t flags, uint32_t mask);
static inline int ration_flags32_is_any(uint32_t flags, uint32_t mask);
static inline int ration_flags32_is_all(uint32_t flags, uint32_t mask);
static inline int ration_flags32_is_none(uint32_t flags, uint32_t mask);
/* How many flags are set. */
static inline unsigned ration_flags32_count(uint32_t flags);

static inline int ration_flags64_is_set(uint64_t flags, uint64_t mask);
static inline int ration_flags64_is_any(uint64_t flags, uint64_t mask);
static inline int ration_flags64_is_all(uint64_t flags, uint64_t mask);
static inline int ration_flags64_is_none(uint64_t flags, uint64_t mask);
static inline unsigned ration_flags64_count(uint64_t flags);

/*
 * The same of a word that threads share. Of all that set a flag at once exactly one finds it unset in what is yielded.
 * get yields the word as it is, for the questions above; the answer may be old when it is used.
 */

static inline uint32_t ration_flags32_set_shared(uint32_t *flags, uint32_t mask);
static inline uint32_t ration_flags32_clear_shared(uint32_t *flags, uint32_t mask);
static inline uint32_t ration_flags32_toggle_shared(uint32_t *flags, uint32_t mask);
static inline uint32_t ration_flags32_assign_shared(uint32_t *flags, uint32_t mask, int value);
static inline uint32_t ration_flags32_get_shared(const uint32_t *flags);

static inline uint64_t ration_flags64_set_shared(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_clear_shared(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_toggle_shared(uint64_t *flags, uint64_t mask);
static inline uint64_t ration_flags64_assign_shared(uint64_t *flags, uint64_t mask, int value);
static inline uint64_t ration_flags64_get_shared(const uint64_t *flags);

/* ---- what these are made of ---------------------------------------------------------------------------------- */

#define RATION_FLAGS_CHANGE(NAME, WORD, CHANGED)                                                             \
  static inline WORD NAME(WORD *flags, WORD mask) {                                                          \
    WORD before = flags ? *flags : 0;                                                                        \
    if (flags) *flags = CHANGED;                                                                             \
    return before;                                                                                           \
  }

/* Releases what was done before, for get_shared and for the next change, which acquires it. */
#define RATION_FLAGS_CHANGE_SHARED(NAME, WORD, OPERATION, MASK)                                              \
  static inline WORD NAME(WORD *flags, WORD mask) {                                                          \
    return flags ? OPERATION(flags, MASK, __ATOMIC_ACQ_REL) : 0;                                             \
  }

#define RATION_FLAGS_DEFINE(PREFIX, WORD, POPCOUNT)                                                          \
  RATION_FLAGS_CHANGE(PREFIX##_set, WORD, before | mask)                                                     \
  RATION_FLAGS_CHANGE(PREFIX##_clear, WORD, before & ~mask)                                                  \
  RATION_FLAGS_CHANGE(PREFIX##_toggle, WORD, before ^ mask)                                                  \
  static inline WORD PREFIX##_assign(WORD *flags, WORD mask, int value) {                                    \
    return value ? PREFIX##_set(flags, mask) : PREFIX##_clear(flags, mask);                                  \
  }                                                                                                          \
  static inline int PREFIX##_is_set(WORD flags, WORD mask) {                                                 \
    return (flags & mask) != 0;                                                                              \
  }                                                                                                          \
  static inline int PREFIX##_is_any(WORD flags, WORD mask) {                                                 \
    return (flags & mask) != 0;                                                                              \
  }                                                                                                          \
  static inline int PREFIX##_is_all(WORD flags, WORD mask) {                                                 \
    return (flags & mask) == mask;                                                                           \
  }                                                                                                          \
  static inline int PREFIX##_is_none(WORD flags, WORD mask) {                                                \
    return (flags & mask) == 0;                                                                              \
  }                                                                                                          \
  static inline unsigned PREFIX##_count(WORD flags) {                                                        \
    return (unsigned)POPCOUNT(flags);                                                                        \
  }                                                                                                          \
  RATION_FLAGS_CHANGE_SHARED(PREFIX##_set_shared, WORD, __atomic_fetch_or, mask)                             \
  RATION_FLAGS_CHANGE_SHARED(PREFIX##_clear_shared, WORD, __atomic_fetch_and, ~mask)                         \
  RATION_FLAGS_CHANGE_SHARED(PREFIX##_toggle_shared, WORD, __atomic_fetch_xor, mask)                         \
  static inline WORD PREFIX##_assign_shared(WORD *flags, WORD mask, int value) {                             \
    return value ? PREFIX##_set_shared(flags, mask) : PREFIX##_clear_shared(flags, mask);                    \
  }                                                                                                          \
  static inline WORD PREFIX##_get_shared(const WORD *flags) {                                                \
    return flags ? __atomic_load_n(flags, __ATOMIC_ACQUIRE) : 0;                                             \
  }

RATION_FLAGS_DEFINE(ration_flags32, uint32_t, __builtin_popcount)
RATION_FLAGS_DEFINE(ration_flags64, uint64_t, __builtin_popcountll)

#ifdef __cplusplus
}
#endif
#endif
