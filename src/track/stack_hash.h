/*
 * stack_hash.h: a hash of a call stack that is made from the outermost frame inward, so that the part that stays keeps
 * its own; and of all that makes a site.
 *
 * The two factors are not the same: or a code address that is greater by one would be as good as a category that is.
 */
#ifndef RATION_TRACK_STACK_HASH_H
#define RATION_TRACK_STACK_HASH_H

#include "base/hash.h"

/* Of a frame and those further out, whose hash is given; 0: there is none. */
static inline uint64_t stack_hash_with(uint64_t further_out, uintptr_t pc) {
  uint64_t hash = (further_out << 7 | further_out >> 57) ^ pc;
  return hash * UINT64_C(0x9e3779b97f4a7c15);
}

/* Of a stack and whatever else there is to it: no part of the result is only a part's. */
static inline uint64_t stack_hash_of_site(uint64_t stack, uint64_t rest) {
  return hash_word(stack + rest * UINT64_C(0xbf58476d1ce4e5b9));
}

#endif
