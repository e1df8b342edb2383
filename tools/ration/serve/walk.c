/*
 * walk.c: see walk.h.
 */
#include "serve/walk.h"

#include <errno.h>
#include <stdlib.h>

#include "reader/monotonic.h"

static void add_memfd(const struct place *place, void *context);

int walk_renew(struct walk *walk, uint64_t age_ns) {
  struct walk fresh = {.at_ns = monotonic_ns()};
  if (walk->at_ns && fresh.at_ns - walk->at_ns < age_ns) return 0;
  walk_free(walk);
  int error = pid_map_make(&fresh.map);
  if (!error) places_visit_memfds(add_memfd, &fresh);
  if (fresh.is_short) error = -ENOMEM;
  if (error)
    walk_free(&fresh);
  else
    *walk = fresh;
  return error;
}

void walk_free(struct walk *walk) {
  pid_map_free(&walk->map);
  free(walk->memfds);
  *walk = (struct walk){.at_ns = 0};
}

static void add_memfd(const struct place *place, void *context) {
  struct walk *walk = context;
  if (walk->count == walk->room) {
    size_t room = walk->room ? 2 * walk->room : 4;
    struct place *more = realloc(walk->memfds, room * sizeof *more);
    if (!more) walk->is_short = true;
    if (!more) return;
    walk->memfds = more;
    walk->room = room;
  }
  walk->memfds[walk->count++] = *place;
}
