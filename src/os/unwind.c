/*
 * unwind.c: the walker, its table of rules, and the way that a rule takes into it.
 *
 * A slot of the table is one word: the rule below, above it the bits of the return address that the slot's number
 * does not give. Relaxed throughout: the word is all there is, and a rule of an address is the same whoever
 * learns it; a writer that overtakes another costs a second question, no more.
 */
#include "os/unwind.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <time.h>

#include "base/atomics.h"
#include "os/module.h"
#include "os/own_stack.h"
#include "os/system.h"
#include "os/unwind_entries.h"

#include "os/unwind_library.h"
#include "os/unwind_rule.h"

#define WORD sizeof(uintptr_t)

#define SLOTS_BITS 13
#define SLOTS      ((uintptr_t)1 << SLOTS_BITS)
#define PC_BITS    (64 - UNWIND_RULE_BITS + SLOTS_BITS) /* more than addresses have */

_Static_assert(PC_BITS >= 48, "slot and tag are the whole of an address: no two share both");

static uint64_t slots[SLOTS] __attribute__((aligned(64)));
static enum unwind_way way = UNWIND_OFF; /* written before there are threads */

const char *unwind_library = "libunwind-x86_64.so.8";
int unwind_reads_entries = 1;

/*
 * Odd while somebody asks, one at a time; fork takes it too. It counts up, so that one who does not come back (he was
 * another thread of the process that this one was forked from) is known again: he is waited for once, then `stuck`.
 */
static uint32_t asking;
static uint32_t stuck;
static __thread uint32_t is_forking STATIC_TLS; /* this thread has taken it, to fork */

#define TRIES         40
#define TRY_NS        20000 /* to which the kernel adds some 50000; a question takes a few microseconds */
#define IS_ODD(count) ((count) % 2 != 0)

static uint64_t find(uintptr_t pc);
static void keep(uintptr_t pc, uint64_t rule);
static int is_known(const struct unwind_frame *frame, uintptr_t address);
static int go_up(struct unwind_frame *frame, uintptr_t cfa, uintptr_t fp);
static int leave_plain_way(struct unwind_frame *frame, uint64_t rule);
static int follow_rule(struct unwind_frame *frame, uint64_t rule);
static int follow_realigned(struct unwind_frame *frame, uint64_t offset);
static int follow_chain(struct unwind_frame *frame);
static int follow_chain_to_code(struct unwind_frame *frame);
static int is_within(struct unwind_frame *frame, uintptr_t address);
static int ask_library(uintptr_t pc, unwind_call *call);
static int begin_asking(void);
static void end_asking(void);

int unwind_prepare(enum unwind_way wanted) {
  stack_prepare();
  int result = wanted == UNWIND_LIBUNWIND ? unwind_library_open(unwind_library) : 0;
  if (result == 0 && wanted == UNWIND_LIBUNWIND) result = own_stack_prepare();
  way = result < 0 ? UNWIND_TABLES : wanted;
  return result;
}

enum unwind_way unwind_way_now(void) {
  return way;
}

/* What lies between the words that are meant is others', if a rule is wrong; a sanitizer need not know. */
static __attribute__((no_sanitize("address"))) uintptr_t word_at(uintptr_t address) {
  return *(const uintptr_t *)address;
}

/* ---- a step whose rule is there, on a stack that is known: some 40 instructions ---- */

int unwind_step(struct unwind_frame *frame) {
  uint64_t rule = find(frame->pc);
  enum unwind_kind kind = unwind_rule_kind(rule);
  if (UNLIKELY(kind != UNWIND_KIND_SP && kind != UNWIND_KIND_BP)) return leave_plain_way(frame, rule);
  uintptr_t sp = frame->sp, fp = frame->fp;
  uintptr_t cfa = (kind == UNWIND_KIND_SP ? sp : fp) + unwind_rule_offset(rule);
  uintptr_t saved = cfa - unwind_rule_saved(rule) * WORD;
  if (UNLIKELY(!is_known(frame, cfa - WORD) || saved < sp)) return leave_plain_way(frame, rule);
  if (saved != cfa) fp = word_at(saved);
  int result = go_up(frame, cfa, fp);
  if (LIKELY(result == 0)) {
    frame->fp_at = saved != cfa ? saved : 0;
    frame->by_fp = kind == UNWIND_KIND_BP;
  }
  return result;
}

static uint64_t tag_of(uintptr_t pc) {
  return (uint64_t)pc >> SLOTS_BITS << UNWIND_RULE_BITS;
}

/* A pair of slots lies in one cache line. */
static uint64_t find(uintptr_t pc) {
  uint64_t tag = tag_of(pc), rest = load_relaxed(&slots[pc % SLOTS]) ^ tag;
  if (LIKELY(rest >> UNWIND_RULE_BITS == 0)) return rest;
  rest = load_relaxed(&slots[pc % SLOTS ^ 1]) ^ tag;
  return rest >> UNWIND_RULE_BITS == 0 ? rest : unwind_rule(UNWIND_KIND_EMPTY, 0, 0);
}

/* May a word of the stack be there: from the frame up, not further than a step goes, and aligned? */
static int is_near(const struct unwind_frame *frame, uintptr_t address) {
  return address - frame->sp < UNWIND_OFFSET_MOST && address % WORD == 0;
}

static int is_known(const struct unwind_frame *frame, uintptr_t address) {
  return is_near(frame, address) && address + WORD - 1 < frame->top;
}

/* The word below the CFA can be read. */
static int go_up(struct unwind_frame *frame, uintptr_t cfa, uintptr_t fp) {
  uintptr_t pc = word_at(cfa - WORD);
  if (UNLIKELY(!pc)) return -ENOENT;
  frame->pc = pc;
  frame->sp = cfa;
  frame->fp = fp;
  return 0;
}

/* ---- all others ---- */

/*
 * Where the way is another the table is empty. Of code that is in no module nothing is learned: a module may take its
 * place, and tells nobody.
 */
static int step_otherwise(struct unwind_frame *frame, uint64_t rule) {
  if (way == UNWIND_FP) return follow_chain_to_code(frame);
  if (way == UNWIND_OFF) return -ENOTSUP;
  switch (unwind_rule_kind(rule)) {
  case UNWIND_KIND_EMPTY:
    return module_handle((const void *)(frame->pc - 1)) ? -EAGAIN : follow_chain(frame);
  case UNWIND_KIND_SP:
  case UNWIND_KIND_BP:
    return follow_rule(frame, rule);
  case UNWIND_KIND_REALIGNED:
    return follow_realigned(frame, unwind_rule_offset(rule));
  case UNWIND_KIND_CHAIN:
    return follow_chain(frame);
  case UNWIND_KIND_END:
    return -ENOENT;
  default:
    return -ENOTSUP;
  }
}

static SLOW_PATH int leave_plain_way(struct unwind_frame *frame, uint64_t rule) {
  int result = step_otherwise(frame, rule);
  if (result == 0) frame->fp_at = UNWIND_OTHERWISE;
  return result;
}

/* As unwind_step, but upward on a stack that has to be asked for. */
static int follow_rule(struct unwind_frame *frame, uint64_t rule) {
  uintptr_t cfa =
      (unwind_rule_kind(rule) == UNWIND_KIND_SP ? frame->sp : frame->fp) + unwind_rule_offset(rule);
  uintptr_t saved = cfa - unwind_rule_saved(rule) * WORD;
  if (saved < frame->sp || !is_within(frame, cfa - WORD)) return -EFAULT;
  return go_up(frame, cfa, saved == cfa ? frame->fp : word_at(saved));
}

static int follow_realigned(struct unwind_frame *frame, uint64_t offset) {
  uintptr_t place = frame->fp - offset;
  if (!is_within(frame, place) || !is_within(frame, frame->fp)) return -EFAULT;
  uintptr_t cfa = word_at(place);
  if (!is_within(frame, cfa - WORD)) return -EFAULT;
  return go_up(frame, cfa, word_at(frame->fp));
}

/*
 * Each frame pointer points to the one above it, and the return address lies beside. rbp is 0 in the outermost. But
 * nobody vouches for that: code without tables may use the register for something else.
 */
static int follow_chain(struct unwind_frame *frame) {
  if (!frame->fp) return -ENOENT;
  uintptr_t cfa = frame->fp + 2 * WORD;
  frame->top = stack_doubt(frame->top, frame->sp);
  if (frame->fp < frame->sp || !is_within(frame, cfa - WORD)) return -EFAULT;
  return go_up(frame, cfa, word_at(frame->fp));
}

/* Who has nothing else to go by does not know whether the register was used for something else meanwhile. */
static int follow_chain_to_code(struct unwind_frame *frame) {
  struct unwind_frame next = *frame;
  int result = follow_chain(&next);
  if (result < 0) return result;
  if (!module_is_code(next.pc - 1)) return -EFAULT; /* in the call, not behind it */
  *frame = next;
  return 0;
}

/* With it all that lies between it and the frame can be read. */
static int is_within(struct unwind_frame *frame, uintptr_t address) {
  if (!is_near(frame, address)) return 0;
  if (is_known(frame, address)) return 1;
  uintptr_t top = stack_extend(frame->top, address + WORD - 1);
  if (top) frame->top = top;
  return top != 0;
}

/* ---- learning ---- */

/* A program may have shut itself into a sandbox: what nearly all functions need takes no system call. */
int unwind_learn(uintptr_t pc) {
  return unwind_learn_by(pc, own_stack_call);
}

int unwind_learn_by(uintptr_t pc, unwind_call *call) {
  uint64_t rule;
  if (way == UNWIND_FP || way == UNWIND_OFF || (uint64_t)pc >> PC_BITS) return -ENOTSUP;
  if (!unwind_reads_entries || unwind_entries_ask(pc, &rule) < 0) {
    if (way == UNWIND_LIBUNWIND) return ask_library(pc, call);
    rule = unwind_rule(UNWIND_KIND_NONE, 0, 0);
  }
  keep(pc, rule);
  return 0;
}

static int ask_library(uintptr_t pc, unwind_call *call) {
  uint64_t all = ~UINT64_C(0), before;
  if (SYSTEM(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) < 0) return -EBUSY;
  int result = begin_asking();
  if (result == 0) {
    keep(pc, call(unwind_library_ask, pc));
    end_asking();
  }
  SYSTEM(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  return result;
}

/*
 * The holder never runs a handler, nor calls what may wait; but he can be put off by the scheduler. The wait is a futex
 * call, which sandboxes let threads make, and nobody wakes anybody: it ends by time.
 */
static int begin_asking(void) {
  const struct timespec nap = {.tv_nsec = TRY_NS};
  uint32_t first = load_relaxed(&asking), seen = first; /* the exchange looks again */
  for (int tries = 0; tries < TRIES; tries++) {
    if (!IS_ODD(seen) && cas_acq_rel(&asking, &seen, seen + 1)) return 0; /* pairs with end_asking */
    if (IS_ODD(seen) && seen == load_relaxed(&stuck)) return -EBUSY;      /* a hint: the worst is a wait */
    if (IS_ODD(seen)) SYSTEM(futex, &asking, FUTEX_WAIT_PRIVATE, seen, &nap);
    seen = load_relaxed(&asking);
  }
  if (IS_ODD(seen) && seen == first) store_relaxed(&stuck, seen);
  return -EBUSY;
}

static void end_asking(void) {
  store_release(&asking, load_relaxed(&asking) +
                             1); /* pairs with begin_asking; while it is odd, nobody else writes it */
}

/* The older of a pair makes room. */
static void keep(uintptr_t pc, uint64_t rule) {
  uint64_t *place = &slots[pc % SLOTS];
  store_relaxed(&slots[pc % SLOTS ^ 1], load_relaxed(place));
  store_relaxed(place, tag_of(pc) | rule);
}

void unwind_forget(void) {
  for (uintptr_t i = 0; i < SLOTS; i++)
    if (load_relaxed(&slots[i])) store_relaxed(&slots[i], 0); /* those never used cost no memory */
}

void unwind_fork_prepare(void) {
  is_forking = begin_asking() == 0;
}

void unwind_fork_parent(void) {
  if (is_forking) end_asking();
  is_forking = 0;
}

/* If another thread of the parent was asking, libunwind is in the midst of something, and stays so. */
void unwind_fork_child(void) {
  if (is_forking)
    end_asking();
  else if (IS_ODD(asking))
    stuck = asking; /* alone: nobody else reads or writes them */
  is_forking = 0;
}
