/*
 * unwind.c: the walker, its table of rules, and the way that a rule takes into it.
 *
 * A slot of the table is one word: the rule below, above it a tag of the return address and of the generation in
 * which it was learned. Relaxed throughout: the word is all there is, and a rule of an address is the same whoever
 * learns it; a writer that overtakes another costs a second question, no more.
 */
#include "os/unwind.h"

#include <errno.h>
#include <signal.h>

#include "base/atomics.h"
#include "os/system.h"
#include "os/unwind_library.h"
#include "os/unwind_rule.h"

#define SLOTS_BITS   13
#define TAG_MASK     (~UINT64_C(0) << UNWIND_RULE_BITS)
#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / phi: spreads numbers that differ little */

static uint64_t slots[1 << SLOTS_BITS];
static uint64_t generation;
static enum unwind_way way = UNWIND_OFF; /* written before there are threads */

const char *unwind_library = "libunwind-x86_64.so.8";

/* Who is asking, one at a time: fork_prepare takes it too. */
enum { IDLE, ASKING, LOST };
static uint32_t asking = IDLE;
static __thread uint32_t is_forking STATIC_TLS; /* this thread has taken it, to fork */

#define TRIES 200 /* one question takes a few microseconds, a try less than one */

static uint64_t find(uintptr_t pc);
static void keep(uintptr_t pc, uint64_t now, uint64_t rule);
static int go_up(struct unwind_frame *frame, uintptr_t cfa, uintptr_t fp);
static int follow_table(struct unwind_frame *frame, uint64_t rule);
static int follow_realigned(struct unwind_frame *frame, uint64_t offset);
static int follow_chain(struct unwind_frame *frame);
static int is_within(struct unwind_frame *frame, uintptr_t address);
static int begin_asking(void);

int unwind_prepare(enum unwind_way wanted) {
  stack_prepare();
  int result = wanted == UNWIND_LIBUNWIND ? unwind_library_open(unwind_library) : 0;
  way = result < 0 ? UNWIND_FP : wanted;
  return result;
}

enum unwind_way unwind_way_now(void) {
  return way;
}

int unwind_step(struct unwind_frame *frame) {
  if (UNLIKELY(way != UNWIND_LIBUNWIND)) return way == UNWIND_FP ? follow_chain(frame) : -ENOTSUP;
  uint64_t rule = find(frame->pc);
  switch (unwind_rule_kind(rule)) {
  case UNWIND_KIND_SP:
  case UNWIND_KIND_BP:
    return follow_table(frame, rule);
  case UNWIND_KIND_DEREF:
    return follow_realigned(frame, unwind_rule_offset(rule));
  case UNWIND_KIND_CHAIN:
    return follow_chain(frame);
  case UNWIND_KIND_END:
    return -ENOENT;
  case UNWIND_KIND_EMPTY:
    return -EAGAIN;
  default:
    return -ENOTSUP;
  }
}

/* The top bits are the slot's number, those below them the tag. A pair of slots lies in one cache line. */
static uint64_t spread(uintptr_t pc, uint64_t now) {
  return (pc ^ now << 48) * GOLDEN_RATIO;
}

static uint64_t find(uintptr_t pc) {
  uint64_t hash = spread(pc, load_relaxed(&generation)), tag = hash << SLOTS_BITS & TAG_MASK;
  const uint64_t *place = &slots[hash >> (64 - SLOTS_BITS)];
  uint64_t word = load_relaxed(place);
  if (UNLIKELY((word & TAG_MASK) != tag)) {
    word = load_relaxed(&slots[(place - slots) ^ 1]);
    if ((word & TAG_MASK) != tag) return unwind_rule(UNWIND_KIND_EMPTY, 0, 0);
  }
  return word & ~TAG_MASK;
}

/* The older of a pair makes room. */
static void keep(uintptr_t pc, uint64_t now, uint64_t rule) {
  uint64_t hash = spread(pc, now);
  uint64_t *place = &slots[hash >> (64 - SLOTS_BITS)];
  store_relaxed(&slots[(place - slots) ^ 1], load_relaxed(place));
  store_relaxed(place, (hash << SLOTS_BITS & TAG_MASK) | rule);
}

static int follow_table(struct unwind_frame *frame, uint64_t rule) {
  uintptr_t base = unwind_rule_kind(rule) == UNWIND_KIND_SP ? frame->sp : frame->fp;
  uintptr_t cfa = base + unwind_rule_offset(rule), fp = frame->fp;
  uint64_t saved = unwind_rule_saved(rule);
  if (UNLIKELY(!is_within(frame, cfa - sizeof(uintptr_t)))) return -EFAULT;
  if (saved == UNWIND_SAVED_LOST) {
    fp = 0;
  } else if (saved != UNWIND_SAVED_NOT) {
    uintptr_t place = cfa - saved * sizeof(uintptr_t);
    if (UNLIKELY(place < frame->sp)) return -EFAULT;
    fp = *(const uintptr_t *)place;
  }
  return go_up(frame, cfa, fp);
}

static int follow_realigned(struct unwind_frame *frame, uint64_t offset) {
  uintptr_t place = frame->fp - offset;
  if (!is_within(frame, place) || !is_within(frame, frame->fp)) return -EFAULT;
  uintptr_t cfa = *(const uintptr_t *)place;
  if (!is_within(frame, cfa - sizeof(uintptr_t))) return -EFAULT;
  return go_up(frame, cfa, *(const uintptr_t *)frame->fp);
}

/* Each frame pointer points to the one above it, and the return address lies beside. rbp is 0 in the outermost. */
static int follow_chain(struct unwind_frame *frame) {
  if (!frame->fp) return -ENOENT;
  uintptr_t cfa = frame->fp + 2 * sizeof(uintptr_t);
  if (frame->fp < frame->sp || !is_within(frame, cfa - sizeof(uintptr_t))) return -EFAULT;
  return go_up(frame, cfa, *(const uintptr_t *)frame->fp);
}

/* The word below the CFA has been found within. */
static int go_up(struct unwind_frame *frame, uintptr_t cfa, uintptr_t fp) {
  uintptr_t pc = ((const uintptr_t *)cfa)[-1];
  if (!pc) return -ENOENT;
  frame->pc = pc;
  frame->sp = cfa;
  frame->fp = fp;
  return 0;
}

/*
 * A word of the stack may be at that address: aligned, from the frame upward, not further than a step goes, below the
 * top.
 */
static int is_within(struct unwind_frame *frame, uintptr_t address) {
  if (UNLIKELY(address - frame->sp >= UNWIND_OFFSET_MOST || address % sizeof(uintptr_t))) return 0;
  uintptr_t last = address + sizeof(uintptr_t) - 1;
  if (LIKELY(last < frame->top)) return 1;
  uintptr_t top = stack_extend(frame->top, last);
  if (top) frame->top = top;
  return top != 0;
}

int unwind_learn(uintptr_t pc) {
  if (way != UNWIND_LIBUNWIND) return -ENOTSUP;
  uint64_t now = load_relaxed(&generation); /* a rule of an older one is not found: asked for again */
  uint64_t all = ~UINT64_C(0), before;
  if (SYSTEM(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) < 0) return -EBUSY;
  int result = begin_asking();
  if (result == 0) {
    keep(pc, now, unwind_library_ask(pc));
    store_release(&asking, IDLE); /* pairs with begin_asking */
  }
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  return result;
}

/* The holder never runs a handler, nor calls what may wait; but he can be put off by the scheduler. */
static int begin_asking(void) {
  for (int tries = 0; tries < TRIES; tries++) {
    uint32_t expected = IDLE;
    if (cas_acq_rel(&asking, &expected, ASKING))
      return 0; /* pairs with unwind_learn and unwind_fork_parent */
    if (expected == LOST) break;
    SYSTEM(sched_yield, 0);
  }
  return -EBUSY;
}

void unwind_forget(void) {
  add_relaxed(&generation,
              1); /* whoever calls code that is loaded later has been told of it by way of a lock */
}

void unwind_fork_prepare(void) {
  is_forking = begin_asking() == 0;
}

void unwind_fork_parent(void) {
  if (is_forking) store_release(&asking, IDLE); /* pairs with begin_asking */
  is_forking = 0;
}

/* If another thread of the parent was asking, libunwind is in the midst of something, and stays so. */
void unwind_fork_child(void) {
  store_relaxed(&asking, is_forking || load_relaxed(&asking) == IDLE ? IDLE : LOST); /* alone */
  is_forking = 0;
}
