/*
 * start.h: a program that ration starts: found, prepared, started under the shim as a session of its own, waited for.
 *
 *   struct start start = {.who = "run"};
 *   int status = start_prepare(&start, visit, context);
 *   if (!status) status = start_begin(&start);
 *   if (!status) status = start_wait(&start);       (status is CMD's own then)
 *   start_free(&start);
 *
 * Each that returns an exit status has complained where it is not CMD's.
 */
#ifndef RATION_TOOL_LAUNCH_START_H
#define RATION_TOOL_LAUNCH_START_H

#include "launch/child.h"
#include "launch/session_watch.h"
#include "launch/target.h"

#define START_REMARK_BYTES 512

struct start {
  const char *who; /* the command, for complaints */
  struct target target;
  struct launch launch;
  char *preload; /* what launch points to */
  char *options;
  struct rlimit descriptors; /* as the caller gave it */
  char session[48];
  uint64_t own_start;
  struct child child;
  uint64_t ended_at; /* CLOCK_MONOTONIC; 0: it has not, or was never started */
  struct session_watch *watch;
};

/* What `requested` (launch/request.h) names; what its session leaves is shown to `visit`. */
int start_prepare(struct start *start, session_watch_visitor visit, void *context);

int start_begin(struct start *start);

/* Until it has ended; all of its session has been visited then. */
int start_wait(struct start *start);

/* Whether it is this process that was started. */
bool start_is_program(const struct start *start, const struct process *process);

/* Why the program itself made no segment, and what to do: a remark. */
void start_explain_absence(const struct start *start, char ret_remark[START_REMARK_BYTES]);

void start_free(struct start *start);

/* As many descriptors as this process may have: a thousand processes at once are a thousand pidfds. */
void start_raise_descriptors(void);

#endif
