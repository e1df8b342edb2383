/*
 * scope.h: a stretch of a thread's execution in which new blocks get a given category.
 *
 * A thread's open scopes are a stack in pages of its own, which are mapped at its first scope and grow, so depth is
 * unlimited. Each holds the category that is in force while it is the innermost, and its *place*: where on the stack
 * it belongs. For a plain scope that is the *frame* of who opened it: the word just below, which the call of the API
 * has written to, so nobody's variable lies there; where calls write nothing, its lowest word, since the one below may
 * be a variable of another's. For an *anchored* one it is the address of a variable of the function that it belongs
 * to. So a scope that a longjmp has jumped over shows at the next opening or closing:
 *
 *   An anchored scope whose anchor lies deeper on this stack than the caller is dead, with all above it.
 *   So is one whose anchor is anchored anew.
 *   A plain scope may have been opened by a helper that has returned, so it is never dead by itself; but where it
 *   hides a plain scope of the very frame and function that calls now, by another call, it was jumped over.
 *
 * The lowest, the floor, is no scope: it holds the category that the thread is in where none is open. Its place is
 * nowhere, above every address, as is that of scopes that were resumed.
 *
 * Opening and closing touch only the thread's own memory; a place that is not where it is expected leads to the
 * slow path. 25 instructions to open a scope and 18 to close it.
 */
#ifndef RATION_TRACK_SCOPE_H
#define RATION_TRACK_SCOPE_H

#include "base/compiler.h"
#include "track/process.h"
#include "track/thread.h"

/* The word of a struct scope: place << 16, flags, category. */
#define SCOPE_PLACE(address)   ((uint64_t)(uintptr_t)(address) << 16)
#define SCOPE_ADDRESS(word)    ((uintptr_t)((word) >> 16))
#define SCOPE_ANCHORED         UINT64_C(0x100)
#define SCOPE_NEXT_PLACE       UINT64_C(0x10000)
#define SCOPE_CATEGORY(word)   ((uint32_t)((word)&0xff))
#define SCOPE_NOWHERE          SCOPE_PLACE(UINT64_MAX)
#define SCOPE_IS_NOWHERE(word) ((word) >= SCOPE_NOWHERE)

/* Are the words those of scopes at one place, both plain or both anchored? */
#define SCOPE_IS_SAME(one, other) (((one) ^ (other)) < SCOPE_ANCHORED)

/* Is the word that of a scope at this anchor? A frame that a call has written to is no variable's address. */
#if defined(__x86_64__)
#define SCOPE_IS_AT(word, anchor) (SCOPE_ADDRESS(word) == (anchor))
#else
#define SCOPE_IS_AT(word, anchor) SCOPE_IS_SAME(word, SCOPE_PLACE(anchor) + SCOPE_ANCHORED)
#endif

/* Categories 1 to this are known to exist; may lag behind, and then a slow path catches up. */
extern uint32_t scope_known_categories INTERNAL;

/* Who calls the API: its frame, and the address that the call returns to. */
struct scope_caller {
  uintptr_t frame;
  uintptr_t address;
};

/*
 * When the innermost scope's place is not further up than the new one's: scopes may have been jumped over, or one
 * function has two, and its compiler laid the outer anchor lower. `place`: the new word without its category.
 */
void scope_open_beside(uint32_t category, uint64_t place, struct scope_caller caller);

/* When there is no room for one more, or the category is not known to exist. */
SLOW_PATH void scope_open_slow(uint32_t category, uint64_t place, struct scope_caller caller);

/* When the innermost scope is not one of this frame, or not at this anchor. */
SLOW_PATH void scope_close_slow(struct scope_caller caller);
SLOW_PATH void scope_close_at_slow(uintptr_t anchor, struct scope_caller caller);

/* A thread's open scopes as they travel: ration.h's struct ration_scopes, whoever may have written it. */
#define SCOPE_KEPT 62

struct scope_copy {
  uint8_t depth;
  uint8_t floor;
  uint8_t categories[SCOPE_KEPT]; /* outermost first */
};

/* The innermost scopes, and the floor below them. The thread's scopes become those; they have no place. */
void scope_capture(struct scope_copy *ret_copy);
void scope_resume(const struct scope_copy *copy);

/* No scope is open in this thread, and it is in this category where none is. */
void scope_begin(uint32_t category);

/* Closes all, the floor's too, and gives their memory back: the thread ends. */
void scope_close_all(void);

ALWAYS_INLINE void scope_push(struct scope *top, uint64_t place, uint32_t category) {
  top[1].word = place + category;
  thread.scopes_top = top + 1;
  thread.scope = category;
  thread_note_exception(category, 0);
}

ALWAYS_INLINE void scope_pop(struct scope *top) {
  uint32_t outer = SCOPE_CATEGORY(top[-1].word);
  thread.scopes_top = top - 1;
  thread.scope = outer;
  thread_note_exception(outer, thread.has_asker);
}

/* There is room, and the category exists. */
ALWAYS_INLINE int scope_may_open(const struct scope *top, uint32_t category) {
  uint32_t known = load_relaxed(&scope_known_categories); /* a number that only rises */
  return LIKELY(top < thread.scopes_last) && LIKELY(category - 1 < known);
}

ALWAYS_INLINE void scope_open(uint32_t category, struct scope_caller caller) {
  struct scope *top = thread.scopes_top;
  uint64_t place = SCOPE_PLACE(caller.frame);
  if (UNLIKELY(!scope_may_open(top, category))) {
    scope_open_slow(category, place, caller);
  } else if (UNLIKELY(top->word < place)) {
    scope_open_beside(category, place, caller);
  } else {
    top[1].opener = caller.address;
    scope_push(top, place, category);
  }
}

/* `anchor` lies in the caller's frame or further up, or on no stack at all. */
ALWAYS_INLINE void scope_open_at(uint32_t category, uintptr_t anchor, struct scope_caller caller) {
  struct scope *top = thread.scopes_top;
  uint64_t place = SCOPE_PLACE(anchor);
  if (UNLIKELY(!scope_may_open(top, category)))
    scope_open_slow(category, place + SCOPE_ANCHORED, caller);
  else if (UNLIKELY(top->word < place + SCOPE_NEXT_PLACE))
    scope_open_beside(category, place + SCOPE_ANCHORED, caller);
  else
    scope_push(top, place + SCOPE_ANCHORED, category);
}

ALWAYS_INLINE void scope_close(struct scope_caller caller) {
  struct scope *top = thread.scopes_top;
  if (UNLIKELY(SCOPE_ADDRESS(top->word) != caller.frame))
    scope_close_slow(caller);
  else
    scope_pop(top);
}

ALWAYS_INLINE void scope_close_at(uintptr_t anchor, struct scope_caller caller) {
  struct scope *top = thread.scopes_top;
  if (UNLIKELY(!SCOPE_IS_AT(top->word, anchor)))
    scope_close_at_slow(anchor, caller);
  else
    scope_pop(top);
}

#endif
