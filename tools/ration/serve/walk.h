/*
 * walk.h: what a walk through all of /proc finds, which takes longer than to read a process: pids of other namespaces, and
 * segments that lie in no folder.
 */
#ifndef RATION_TOOL_SERVE_WALK_H
#define RATION_TOOL_SERVE_WALK_H

#include "reader/places.h"
#include "serve/pid_map.h"

/* All zero: of before the first. */
struct walk {
  uint64_t at_ns; /* CLOCK_MONOTONIC: when it was made */
  struct pid_map map;
  struct place *memfds;
  size_t count, room;
  bool is_short; /* there was no memory for all of them */
};

/* Makes it anew, if it is older than that. Returns 0 or -ENOMEM; then it is as before the first. */
int walk_renew(struct walk *walk, uint64_t age_ns);

void walk_free(struct walk *walk);

#endif
