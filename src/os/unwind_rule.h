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
  UNWIND_KIND_EMPTY,     /* no rule: a slot of the table that was never written */
  UNWIND_KIND_SP,        /* CFA = sp + offset */
  UNWIND_KIND_BP,        /* CFA = fp + offset */
  UNWIND_KIND_REALIGNED, /* CFA = *(fp - offset), and the caller's rbp is *fp: a stack that was realigned */
  UNWIND_KIND_CHAIN,     /* no table says: assume a frame pointer */
  UNWIND_KIND_END,       /* the outermost frame */
  UNWIND_KIND_NONE,      /* of a kind that is not followed */
};

/* Bits of a rule: the kind below, the offset where it need not be shifted (it is a multiple of 8), then `saved`. */
#define UNWIND_KIND_MASK   UINT64_C(7)
#define UNWIND_OFFSET_MASK (UNWIND_OFFSET_MOST - 8)
#define UNWIND_SAVED_SHIFT 20
#define UNWIND_RULE_BITS   26

#define UNWIND_OFFSET_MOST (UINT64_C(1) << UNWIND_SAVED_SHIFT) /* bytes; offsets are less */

/* Where the caller's rbp was saved: this many words below the CFA; 0: it is still in rbp. */
#define UNWIND_SAVED_MOST 63

static inline uint64_t unwind_rule(enum unwind_kind kind, uint64_t saved, uint64_t offset) {
  return (uint64_t)kind | offset | saved << UNWIND_SAVED_SHIFT;
}

static inline enum unwind_kind unwind_rule_kind(uint64_t rule) {
  return (enum unwind_kind)(rule & UNWIND_KIND_MASK);
}

static inline uint64_t unwind_rule_offset(uint64_t rule) {
  return rule & UNWIND_OFFSET_MASK;
}

static inline uint64_t unwind_rule_saved(uint64_t rule) {
  return rule >> UNWIND_SAVED_SHIFT & UNWIND_SAVED_MOST;
}

#endif
