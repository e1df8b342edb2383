/*
 * child.h: the started program: started with what its caller gave, signals passed on to it, waited for.
 */
#ifndef RATION_TOOL_LAUNCH_CHILD_H
#define RATION_TOOL_LAUNCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What is started, and the variables that are set for it; NULL: left as it is. */
struct launch {
  char **arguments; /* the first is the command, searched for in PATH */
  const char
      *path; /* the file to execute, and nothing else: no shell tries what the kernel refuses; NULL: none */
  const char *preload;
  const char *session;
  const char *options;
  const struct rlimit *descriptors; /* its limit, where this process has another by now */
};

struct child {
  pid_t pid;
  uint64_t start_ticks;
  int signals; /* readable when child_take_signals() has something to do */
  bool has_ended;
  int wait_status;
};

/*
 * Starts it. From now on this process ignores SIGINT and SIGQUIT, which a terminal sends to both, and passes
 * on what other processes send it. Returns 0, the -errno of exec (*ret_exec_failed is then set), or another
 * -errno.
 */
int child_start(const struct launch *launch, struct child *ret_child, bool *ret_exec_failed);

/* Passes signals on; notes the child's end. */
void child_take_signals(struct child *child);

/* After its end: signals meet this process again. */
void child_finish(struct child *child);

/* The exit status that passes the child's on: its own, or 128 + the signal that killed it. */
int child_exit_status(const struct child *child);

#endif
