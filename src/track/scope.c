/*
 * scope.c: the pages of a thread's scopes.
 */
#include "track/scope.h"

#include <errno.h>

#include "model/category.h"
#include "os/memory.h"
#include "os/thread_end.h"

#define FIRST_ROOM 4096

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
  if (thread.scopes_lost) return 0;
  if (thread.scopes_top != thread.scopes_end) return 1;
  size_t room = (size_t)(thread.scopes_end - thread.scopes), depth = room;
  size_t new_room = room ? 2 * room : FIRST_ROOM;
  unsigned char *scopes = room ? memory_grow(thread.scopes, room, new_room) : memory_map(new_room);
  if (!scopes) return 0;
  if (!room) watch_end();
  thread.scopes = thread.scopes_floor = scopes;
  thread.scopes_top = scopes + depth;
  thread.scopes_end = scopes + new_room;
  return 1;
}

SLOW_PATH void scope_open_slow(uint32_t category) {
  int kept_errno = errno;
  process_ready();
  store_relaxed(&scope_known_categories, category_count(&segment)); /* whoever stores last is right enough */
  if (has_room()) {
    *thread.scopes_top++ = (unsigned char)thread.scope;
    if (segment_category(&segment, category)) thread.scope = category;
    thread_note_exception(thread.scope, thread.has_asker);
  } else {
    thread.scopes_lost++;
    thread.scopes_floor = thread.scopes_top;      /* the next to close is a lost one */
    add_relaxed(&segment.header->scopes_lost, 1); /* a sum */
  }
  errno = kept_errno;
}

/* A lost one, or none is open. */
SLOW_PATH void scope_close_slow(void) {
  if (!thread.scopes_lost) return;
  if (--thread.scopes_lost == 0) thread.scopes_floor = thread.scopes;
}

void scope_close_all(void) {
  if (thread.scopes) memory_unmap(thread.scopes, (size_t)(thread.scopes_end - thread.scopes));
  thread.scopes = thread.scopes_top = thread.scopes_floor = thread.scopes_end = NULL;
  thread.scopes_lost = 0;
  thread.scope = 0;
  thread_note_exception(0, thread.has_asker);
}
