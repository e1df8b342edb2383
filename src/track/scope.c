/*
 * scope.c: the pages of a thread's scopes.
 */
#include "track/scope.h"

#include "os/memory.h"

#define FIRST_ROOM 4096
#define ROOM_MOST  (UINT32_C(1) << 31)

/* 0: there is room for one more. */
static int make_room(void) {
  if (thread.depth < thread.room) return 0;
  if (thread.room >= ROOM_MOST) return -1;
  uint32_t room = thread.room ? 2 * thread.room : FIRST_ROOM;
  unsigned char *scopes = thread.room ? memory_grow(thread.scopes, thread.room, room) : memory_map(room);
  if (!scopes) return -1;
  thread.scopes = scopes;
  thread.room = room;
  return 0;
}

SLOW_PATH void scope_open_slow(uint32_t category) {
  process_ready();
  /* One scope was lost: those inside it are lost too, or closing them would not come out even. */
  if (thread.lost_depth || make_room() < 0) {
    thread.lost_depth++;
    add_relaxed(&segment.header->scopes_lost, 1); /* a sum */
    return;
  }
  thread.scopes[thread.depth++] = (unsigned char)thread.scope;
  if (segment_category(&segment, category)) thread.scope = category;
  thread_note_exception();
}

SLOW_PATH void scope_close_slow(void) {
  if (thread.lost_depth) thread.lost_depth--;
}

void scope_close_all(void) {
  if (thread.room) memory_unmap(thread.scopes, thread.room);
  thread.scopes = NULL;
  thread.room = thread.depth = thread.scope = 0;
  thread.lost_depth = 0;
}
