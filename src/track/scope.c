/*
 * scope.c: the pages of a thread's scopes, and which of them a longjmp has jumped over.
 *
 * Nothing here is shared between threads but counts.
 */
#include "track/scope.h"

#include <errno.h>

#include "model/category.h"
#include "os/function.h"
#include "os/memory.h"
#include "os/stack.h"
#include "os/thread_end.h"

#define FIRST_ROOM 4096

static void close_dead(struct scope_caller caller, uint64_t place);
static void push(uint32_t category, uint64_t place, struct scope_caller caller);
static int has_room(void);
static void lose(void);
static void find_again(void);

uint32_t scope_known_categories;
struct scope scope_none = {.word = SCOPE_NOWHERE};

void scope_open_beside(uint32_t category, uint64_t place, struct scope_caller caller) {
  close_dead(caller, place);
  push(category, place, caller);
}

SLOW_PATH void scope_open_slow(uint32_t category, uint64_t place, struct scope_caller caller) {
  int kept_errno = errno;
  process_ready();
  store_relaxed(&scope_known_categories, category_count(&segment)); /* whoever stores last is right enough */
  close_dead(caller, place);
  if (has_room())
    push(segment_category(&segment, category) ? category : thread.scope, place, caller);
  else
    lose();
  errno = kept_errno;
}

static void push(uint32_t category, uint64_t place, struct scope_caller caller) {
  thread.scopes_top[1].opener = caller.address;
  scope_push(thread.scopes_top, place, category);
}

static struct scope *floor_scope(void) {
  return thread.scopes ? thread.scopes : thread.scopes_top;
}

/* The innermost scope that is not lost. */
static struct scope *innermost(void) {
  return thread.scopes_lost && thread.scopes ? thread.scopes_top - 1 : thread.scopes_top;
}

/* Closes all scopes above this one. */
static void close_above(struct scope *scope) {
  thread.scopes_lost = 0;
  thread.scopes_top = scope;
  thread.scope = SCOPE_CATEGORY(scope->word);
  thread_note_exception(thread.scope, thread.has_asker);
}

static void close_innermost(void) {
  if (thread.scopes_lost)
    find_again();
  else if (thread.scopes_top != floor_scope())
    scope_pop(thread.scopes_top);
}

SLOW_PATH void scope_close_slow(struct scope_caller caller) {
  close_dead(caller, 0);
  close_innermost();
}

/*
 * The scope is among those that are open, or it was closed already, which is well; but where it was resumed, it is
 * the innermost of those: they have kept no anchors.
 */
SLOW_PATH void scope_close_at_slow(uintptr_t anchor, struct scope_caller caller) {
  const struct scope *floor = floor_scope();
  for (struct scope *scope = innermost(); scope != floor; scope--)
    if (SCOPE_IS_AT(scope->word, anchor)) {
      close_above(scope - 1);
      return;
    }
  close_dead(caller, 0);
  if (SCOPE_IS_NOWHERE(thread.scopes_top->word)) close_innermost();
}

/* ---- what was jumped over ------------------------------------------------------------------------------ */

/* Where the stack that ends at `frame` may have had deeper frames. On a stack that is not known: nowhere. */
static uintptr_t deepest_of(uintptr_t frame) {
  return frame - stack.own.start < stack.own.top - stack.own.start ? stack.own.start : frame;
}

/*
 * A plain scope that was opened in the very frame that calls the API now, by the same function. Not by the same call in
 * it: that may as well be a helper's only one, once more at the same depth.
 */
static int is_of(const struct scope *scope, struct scope_caller caller) {
  return SCOPE_IS_SAME(scope->word, SCOPE_PLACE(caller.frame)) && scope->opener != caller.address &&
         function_is_same(caller.address, scope->opener);
}

/*
 * Closes the scopes that are dead as seen from a frame of the API's caller, and from the new scope's `place`, or 0: see
 * scope.h. Looks no further down than to the first scope that lies neither deeper than the frame nor than the new one:
 * what is below that was seen to be alive when it was opened.
 */
static void close_dead(struct scope_caller caller, uint64_t place) {
  uintptr_t deepest = deepest_of(caller.frame), room = caller.frame - deepest;
  struct scope *dead = NULL, *scope = innermost();
  const struct scope *floor = floor_scope(), *top = scope;
  for (; scope != floor && SCOPE_ADDRESS(scope->word) - deepest < room; scope--)
    if (scope->word & SCOPE_ANCHORED) dead = scope;
  if (scope != floor && scope != top && is_of(scope, caller)) dead = scope + 1;
  for (; scope != floor && place & SCOPE_ANCHORED && SCOPE_ADDRESS(scope->word) <= SCOPE_ADDRESS(place);
       scope--)
    if (SCOPE_IS_SAME(scope->word, place)) dead = scope;
  if (dead) close_above(dead - 1);
}

/* ---- room ---------------------------------------------------------------------------------------------- */

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
  if (thread.scopes_top < thread.scopes_last) return 1;
  size_t depth = (size_t)(thread.scopes_top - floor_scope());
  size_t room = thread.scopes ? (depth + 2) * sizeof(struct scope) : 0;
  size_t new_room = room ? 2 * room : FIRST_ROOM;
  struct scope *scopes = room ? memory_grow(thread.scopes, room, new_room) : memory_map(new_room);
  if (!scopes) return 0;
  if (!room) *scopes = *thread.scopes_top;
  if (!room) watch_end();
  thread.scopes = scopes;
  thread.scopes_top = scopes + depth;
  thread.scopes_last = scopes + new_room / sizeof *scopes - 2;
  return 1;
}

/*
 * One more without effect. The first of them, where there are pages, takes the place that is left at their end, so that
 * closing one is not taken for closing what it hides.
 */
static void lose(void) {
  if (thread.scopes_lost++ == 0 && thread.scopes) (++thread.scopes_top)->word = SCOPE_NOWHERE | thread.scope;
  add_relaxed(&segment.header->scopes_lost, 1); /* a sum */
}

static void find_again(void) {
  if (--thread.scopes_lost == 0 && thread.scopes) thread.scopes_top--;
}

/* ---- scopes that travel -------------------------------------------------------------------------------- */

void scope_capture(struct scope_copy *ret_copy) {
  const struct scope *scope = innermost(), *floor = floor_scope();
  size_t depth = (size_t)(scope - floor);
  if (depth > SCOPE_KEPT) floor = scope - SCOPE_KEPT;
  *ret_copy =
      (struct scope_copy){.depth = (uint8_t)(scope - floor), .floor = (uint8_t)SCOPE_CATEGORY(floor->word)};
  for (size_t i = 0; i < ret_copy->depth; i++)
    ret_copy->categories[i] = (uint8_t)SCOPE_CATEGORY(floor[i + 1].word);
}

static uint32_t existing(uint32_t category, uint32_t otherwise) {
  return segment_category(&segment, category) ? category : otherwise;
}

void scope_resume(const struct scope_copy *copy) {
  int kept_errno = errno;
  size_t depth = copy->depth < SCOPE_KEPT ? copy->depth : SCOPE_KEPT;
  process_ready();
  scope_begin(existing(copy->floor, 0));
  for (size_t i = 0; i < depth; i++) {
    if (has_room())
      scope_push(thread.scopes_top, SCOPE_NOWHERE, existing(copy->categories[i], thread.scope));
    else
      lose();
  }
  errno = kept_errno;
}

void scope_begin(uint32_t category) {
  if (!thread.scopes) thread.scopes_top = thread.scopes_last = &thread.scope_floor;
  struct scope *floor = floor_scope();
  floor->word = SCOPE_NOWHERE | category;
  close_above(floor);
}

void scope_close_all(void) {
  if (thread.scopes) {
    size_t room = (size_t)(thread.scopes_last - thread.scopes) + 2;
    memory_unmap(thread.scopes, room * sizeof(struct scope));
  }
  thread.scopes = NULL;
  thread.scopes_top = thread.scopes_last = &scope_none;
  thread.scopes_lost = 0;
  thread.scope = 0;
  thread_note_exception(0, thread.has_asker);
}
