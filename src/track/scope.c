/*
 * scope.c: the pages of a thread's scopes.
 */
#include "track/scope.h"

#include <errno.h>

#include "model/category.h"
#include "os/memory.h"
#include "os/thread_end.h"

#define FIRST_ROOM 4096
#define ROOM_MOST  (UINT32_C(1) << 31)

uint32_t scope_known_categories;

/* The pages must go when the thread ends, also of one that has no slab. */
static void watch_end(void) {
  if (thread.state == THREAD_DEAD) return;
  struct record *record = thread_go_inside();
  thread_end_watch();
  thread_come_out(record);
}

/* There is room for one more. Not where scopes were lost that are still open: what they hide was not kept. */
static int has_room(void) {
  if (thread.depth < thread.room) return 1;
  if (thread.depth > thread.room || thread.room >= ROOM_MOST) return 0;
  uint32_t room = thread.room ? 2 * thread.room : FIRST_ROOM;
  unsigned char *scopes = thread.room ? memory_grow(thread.scopes, thread.room, room) : memory_map(room);
  if (!scopes) return 0;
  if (!thread.room) watch_end();
  thread.scopes = scopes;
  thread.room = room;
  return 1;
}

SLOW_PATH void scope_open_slow(uint32_t category) {
  int kept_errno = errno;
  process_ready();
  store_relaxed(&scope_known_categories, category_count(&segment)); /* whoever stores last is right enough */
  if (has_room()) {
    thread.scopes[thread.depth++] = (unsigned char)thread.scope;
    if (segment_category(&segment, category)) thread.scope = category;
    thread_note_exception(thread.scope, thread.has_asker);
  } else {
    thread.depth++;
    add_relaxed(&segment.header->scopes_lost, 1); /* a sum */
  }
  errno = kept_errno;
}

SLOW_PATH void scope_close_slow(void) {
  if (thread.depth) thread.depth--;
}

void scope_close_all(void) {
  if (thread.room) memory_unmap(thread.scopes, thread.room);
  thread.scopes = NULL;
  thread.room = thread.depth = thread.scope = 0;
  thread_note_exception(0, thread.has_asker);
}
