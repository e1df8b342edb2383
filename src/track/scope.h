/*
 * scope.h: a stretch of a thread's execution in which new blocks get a given category.
 *
 * The innermost one is thread.scope; those that it hides lie in pages of the thread's own, which are mapped
 * at its first scope and grow, so depth is unlimited. Opening and closing touch only the thread's own memory.
 */
#ifndef RATION_TRACK_SCOPE_H
#define RATION_TRACK_SCOPE_H

#include "base/compiler.h"
#include "track/process.h"
#include "track/thread.h"

/* When there is no room for one more, or the category is not to be found. */
SLOW_PATH void scope_open_slow(uint32_t category);

/* Closes a scope that had no effect, or none at all. */
SLOW_PATH void scope_close_slow(void);

/* Closes all, and gives their memory back: the thread ends. */
void scope_close_all(void);

ALWAYS_INLINE void scope_open(uint32_t category) {
  uint32_t depth = thread.depth;
  if (UNLIKELY(depth >= thread.room) || !segment_category(&segment, category)) {
    scope_open_slow(category);
    return;
  }
  thread.scopes[depth] = (unsigned char)thread.scope;
  thread.depth = depth + 1;
  thread.scope = category;
  thread_note_exception();
}

ALWAYS_INLINE void scope_close(void) {
  uint32_t depth = thread.depth;
  if (UNLIKELY(depth == 0 || thread.lost_depth)) {
    scope_close_slow();
    return;
  }
  thread.scope = thread.scopes[depth - 1];
  thread.depth = depth - 1;
  thread_note_exception();
}

#endif
