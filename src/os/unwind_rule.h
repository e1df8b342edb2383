/*
 * unwind_rule.h: how to get from a return address to its caller's, in the low bits of a word whose high bits are
 * the table's.
 *
 * CFA is the word of DWARF for where a frame ends: the stack pointer before the call that began it. The return
 * address lies just below.
 */
#ifndef RATION_OS_UNWIND_RULE_H
#define RATION_OS_UNWIND_RULE_H

#include <stdint.h>

enum unwind_kind {
  UNWIND_KIND_EMPTY, /* no rule: a slot of the table that was never written */
  UNWIND_KIND_SP,    /* CFA = sp + offset */
  UNWIND_KIND_BP,    /* CFA = fp + offset */
  UNWIND_KIND_DEREF, /* CFA = *(fp - offset), and the caller's rbp is *fp: a stack that was realigned */
  UNWIND_KIND_CHAIN, /* no table says: assume a frame pointer */
  UNWIND_KIND_END,   /* the outermost frame */
  UNWIND_KIND_NONE,  /* of a kind that is not followed */
};

#define UNWIND_KIND_BITS   3
#define UNWIND_SAVED_BITS  6
#define UNWIND_OFFSET_BITS 17
#define UNWIND_RULE_BITS   (UNWIND_KIND_BITS + UNWIND_SAVED_BITS + UNWIND_OFFSET_BITS)

/* Where the caller's rbp is: this many words below the CFA, or one of these. */
#define UNWIND_SAVED_NOT  0                                /* still in rbp */
#define UNWIND_SAVED_LOST ((1u << UNWIND_SAVED_BITS) - 1u) /* nowhere that a rule can say */

#define UNWIND_OFFSET_MOST ((uint64_t)1 << 20) /* bytes; offsets are less, and multiples of 8 */

_Static_assert(UNWIND_OFFSET_MOST >> 3 <= (uint64_t)1 << UNWIND_OFFSET_BITS, "an offset fits");

static inline uint64_t unwind_rule(enum unwind_kind kind, uint64_t saved, uint64_t offset) {
  return (uint64_t)kind | saved << UNWIND_KIND_BITS | offset >> 3 << (UNWIND_KIND_BITS + UNWIND_SAVED_BITS);
}

static inline enum unwind_kind unwind_rule_kind(uint64_t rule) {
  return (enum unwind_kind)(rule & ((1u << UNWIND_KIND_BITS) - 1));
}

static inline uint64_t unwind_rule_saved(uint64_t rule) {
  return rule >> UNWIND_KIND_BITS & ((1u << UNWIND_SAVED_BITS) - 1);
}

static inline uint64_t unwind_rule_offset(uint64_t rule) {
  return (rule >> (UNWIND_KIND_BITS + UNWIND_SAVED_BITS) & ((1u << UNWIND_OFFSET_BITS) - 1)) << 3;
}

#endif
