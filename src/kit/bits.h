/*
 * bits.h: a set of numbers below a count, whose lowest member is found in one step for each factor of 64: a
 * bit for each number, above it a bit for each word that is not 0, and so on up to one word.
 *
 *     level[0] bit i: i is in the set;  level[l + 1] bit w set iff level[l][w] != 0
 *     bits from count on are 0
 *
 * Who takes bits away from level 0 by himself says so by bits_empty(), who adds some by bits_note().
 */
#ifndef RATION_SRC_KIT_BITS_H
#define RATION_SRC_KIT_BITS_H

#include <stddef.h>
#include <stdint.h>

#define BITS_LEVELS 10 /* 64^10 is 2^60 */
#define BITS_NONE   SIZE_MAX

struct bits {
  uint64_t *level[BITS_LEVELS];
  unsigned depth;
  size_t count;
};

/* Words that all levels of a set of count numbers take. */
static inline size_t bits_words(size_t count) {
  size_t words = 0;
  do {
    count = count / 64 + (count % 64 != 0);
    words += count;
  } while (count > 1);
  return words;
}

static inline void bits_place(struct bits *bits, uint64_t *words, size_t count) {
  bits->depth = 0;
  bits->count = count;
  do {
    bits->level[bits->depth++] = words;
    count = count / 64 + (count % 64 != 0);
    words += count;
  } while (count > 1);
}

/* All numbers, or none. */
static inline void bits_set_all(struct bits *bits, int is_in) {
  size_t count = bits->count;
  for (unsigned l = 0; l < bits->depth; l++) {
    size_t words = count / 64 + (count % 64 != 0);
    for (size_t w = 0; w < words; w++) bits->level[l][w] = is_in ? UINT64_MAX : 0;
    if (is_in && count % 64) bits->level[l][words - 1] = (UINT64_C(1) << count % 64) - 1;
    count = words;
  }
}

/* Word w of level 0 is not 0 now. */
static inline void bits_note(struct bits *bits, size_t w) {
  for (unsigned l = 1; l < bits->depth; l++, w /= 64) bits->level[l][w / 64] |= UINT64_C(1) << w % 64;
}

/* Word w of level 0 is 0 now. */
static inline void bits_empty(struct bits *bits, size_t w) {
  for (unsigned l = 1; l < bits->depth; l++, w /= 64)
    if (bits->level[l][w / 64] &= ~(UINT64_C(1) << w % 64)) return;
}

static inline void bits_add(struct bits *bits, size_t number) {
  bits->level[0][number / 64] |= UINT64_C(1) << number % 64;
  bits_note(bits, number / 64);
}

static inline void bits_remove(struct bits *bits, size_t number) {
  if (!(bits->level[0][number / 64] &= ~(UINT64_C(1) << number % 64))) bits_empty(bits, number / 64);
}

static inline int bits_has(const struct bits *bits, size_t number) {
  return (bits->level[0][number / 64] >> number % 64 & 1) != 0;
}

/* The first word of level 0 that is not 0; BITS_NONE where the set is empty. */
static inline size_t bits_first_word(const struct bits *bits) {
  size_t w = 0;
  for (unsigned l = bits->depth; l-- > 1;) {
    uint64_t word = bits->level[l][w];
    if (!word) return BITS_NONE;
    w = w * 64 + (size_t)__builtin_ctzll(word);
  }
  return bits->level[0][w] ? w : BITS_NONE;
}

/* The lowest member, or BITS_NONE. */
static inline size_t bits_first(const struct bits *bits) {
  size_t w = bits_first_word(bits);
  return w == BITS_NONE ? w : w * 64 + (size_t)__builtin_ctzll(bits->level[0][w]);
}

#endif
