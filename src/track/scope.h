/*
 * scope.h: a stretch of a thread's execution in which new blocks get a given category.
 *
 * The innermost one is thread.scope; those that it hides lie in pages of the thread's own, which are mapped at
 * its first scope and grow, so depth is unlimited. Opening and closing touch only the thread's own memory:
 * 20 instructions and 16.
 */
#ifndef RATION_TRACK_SCOPE_H
#define RATION_TRACK_SCOPE_H

#include "base/compiler.h"
#include "track/process.h"
#include "track/thread.h"

/* Categories 1 to this are known to exist; may lag behind, and then a slow path catches up. */
extern uint32_t scope_known_categories INTERNAL;

/* When there is no room for one more, or the category is not known to exist. */
SLOW_PATH void scope_open_slow(uint32_t category);

/* Closes a scope that had no effect, or none at all. */
SLOW_PATH void scope_close_slow(void);

/* Closes all, and gives their memory back: the thread ends. */
void scope_close_all(void);

ALWAYS_INLINE void scope_open(uint32_t category) {
  unsigned char *top = thread.scopes_top;
  uint32_t known = load_relaxed(&scope_known_categories); /* a number that only rises */
  if (UNLIKELY(top == thread.scopes_end) || UNLIKELY(category - 1 >= known)) {
    scope_open_slow(category);
    return;
  }
  *top = (unsigned char)thread.scope;
  thread.scopes_top = top + 1;
  thread.scope = category;
  thread_note_exception(category, 0);
}

ALWAYS_INLINE void scope_close(void) {
  unsigned char *top = thread.scopes_top;
  if (UNLIKELY(top == thread.scopes_floor)) {
    scope_close_slow();
    return;
  }
  uint32_t outer = top[-1];
  thread.scopes_top = top - 1;
  thread.scope = outer;
  thread_note_exception(outer, thread.has_asker);
}

#endif
