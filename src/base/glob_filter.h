/*
 * glob_filter.h: many names against many globs. Most names lack something that a glob asks for, and a few comparisons
 * of words show that without a look at the glob. Make a glob_filter of each glob once, a glob_print of each name once,
 * and ask glob_fits only where glob_may_fit says so.
 *
 * Two things are compared. A name that fits "json_*" starts with these bytes. And a name that fits "*parse*" has 'p'
 * before 'a', 'a' before 'r' and so on: of each two neighbours, in glob and name, one bit of 128 is set by a hash, and
 * a name that lacks one of the glob's bits does not fit. A name's end is one more neighbour, a zero byte.
 */
#ifndef RATION_BASE_GLOB_FILTER_H
#define RATION_BASE_GLOB_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/glob.h"

struct glob_print {
  uint64_t head;     /* the first eight bytes, in memory order; zeros behind the end */
  uint64_t pairs[2]; /* a bit for each two neighbours */
};

struct glob_filter {
  uint64_t mask; /* the part of `head` that is known */
  struct glob_print print;
};

/* How many bytes at the start of a pattern stand for themselves alone: a name that fits starts with these. */
static inline size_t glob_prefix(const char *pattern, size_t pattern_bytes) {
  size_t at = 0;
  while (at < pattern_bytes && pattern[at] != '*' && pattern[at] != '?' && pattern[at] != '[' &&
         pattern[at] != '\\')
    at++;
  return at;
}

static inline void glob_print_pair(struct glob_print *print, char left, char right) {
  uint32_t pair = (uint32_t)(unsigned char)left << 8 | (unsigned char)right;
  uint32_t bit = (pair * UINT32_C(0x9e3779b1)) >> 25; /* 2^32 / golden ratio: neighbouring pairs part */
  print->pairs[bit / 64] |= UINT64_C(1) << bit % 64;
}

static inline struct glob_print glob_print_of(const char *name) {
  struct glob_print print = {0};
  char head[sizeof print.head] = {0};
  for (size_t i = 0; name[i]; i++) {
    if (i < sizeof head) head[i] = name[i];
    glob_print_pair(&print, name[i], name[i + 1]);
  }
  __builtin_memcpy(&print.head, head, sizeof head);
  return print;
}

/* Those neighbours that both stand for themselves. */
static inline void glob_filter_pairs(struct glob_filter *filter, const char *pattern, const char *end) {
  const char *unclosed = end;
  int has_left = 0;
  char left = 0;
  while (pattern < end) {
    int fits;
    size_t length = *pattern == '*' ? 1 : glob_step(pattern, end, 0, &unclosed, &fits);
    int is_set = *pattern == '[' && pattern < unclosed;
    int is_plain = *pattern != '*' && *pattern != '?' && !is_set;
    char right = pattern[length - 1];
    if (is_plain && has_left) glob_print_pair(&filter->print, left, right);
    has_left = is_plain;
    left = right;
    pattern += length;
  }
  if (has_left) glob_print_pair(&filter->print, left, 0);
}

static inline struct glob_filter glob_filter_of(const char *pattern, size_t pattern_bytes) {
  struct glob_filter filter = {0};
  char head[sizeof filter.mask] = {0};
  unsigned char mask[sizeof filter.mask] = {0};
  size_t prefix = glob_prefix(pattern, pattern_bytes);
  size_t known = prefix + (prefix == pattern_bytes); /* without a wildcard the name's end is known as well */
  for (size_t i = 0; i < sizeof mask && i < known; i++) {
    if (i < prefix) head[i] = pattern[i];
    mask[i] = 0xff;
  }
  __builtin_memcpy(&filter.print.head, head, sizeof head);
  __builtin_memcpy(&filter.mask, mask, sizeof mask);
  glob_filter_pairs(&filter, pattern, pattern + pattern_bytes);
  return filter;
}

/* 0: the name does not fit. */
static inline int glob_may_fit(const struct glob_filter *filter, const struct glob_print *name) {
  uint64_t missing = filter->print.pairs[0] & ~name->pairs[0];
  missing |= filter->print.pairs[1] & ~name->pairs[1];
  missing |= (name->head & filter->mask) ^ filter->print.head;
  return !missing;
}

#endif
