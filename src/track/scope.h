/*
 * scope.h: a stretch of a thread's execution in which new blocks get a given category.
 *
 * The innermost one is thread.scope; those that it hides lie in pages of the thread's own, which are mapped at
 * its first scope and grow, so depth is unlimited. Opening and closing touch only the thread's own memory:
 * 20 instructions each.
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
  uint32_t depth = thread.depth;
  uint32_t known = load_relaxed(&scope_known_categories); /* a number that only rises */
  if (UNLIKELY(depth >= thread.room) || UNLIKELY(category - 1 >= known)) {
    scope_open_slow(category);
    return;
  }
  thread.scopes[depth] = (unsigned char)thread.scope;
  thread.depth = depth + 1;
  thread.scope = category;
  thread_note_exception(category, 0);
}

ALWAYS_INLINE void scope_close(void) {
  uint32_t depth = thread.depth - 1;
  if (UNLIKELY(depth >= thread.room)) { /* of depth 0, too */
    scope_close_slow();
    return;
  }
  uint32_t outer = thread.scopes[depth];
  thread.depth = depth;
  thread.scope = outer;
  thread_note_exception(outer, thread.has_asker);
}

#endif
