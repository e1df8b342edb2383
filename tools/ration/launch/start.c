/*
 * start.c: one start, from the command line to the program's end.
 */
#include "launch/start.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "launch/preload.h"
#include "launch/request.h"
#include "reader/procfs.h"

static int find_target(struct start *start);
static int prepare_session(struct start *start, session_watch_visitor visit, void *context);
static int prepare_preload(struct start *start);
static int complain_of_start(const struct start *start, int error, bool has_exec_failed);

int start_prepare(struct start *start, session_watch_visitor visit, void *context) {
  start->launch.arguments = requested.arguments;
  int status = request_options(&requested, start->who, &start->options);
  if (!status && *start->options) start->launch.options = start->options;
  if (!status) status = find_target(start);
  if (!status) status = prepare_session(start, visit, context);
  if (!status) status = prepare_preload(start);
  return status;
}

int start_begin(struct start *start) {
  bool has_exec_failed = false;
  int error = child_start(&start->launch, &start->child, &has_exec_failed);
  return error ? complain_of_start(start, error, has_exec_failed) : STATUS_DONE;
}

int start_wait(struct start *start) {
  int error = 0;
  while (!start->child.has_ended && !error) {
    error = session_watch_until(start->watch, start->child.signals);
    child_take_signals(&start->child);
  }
  if (error) {
    complain(start->who, "cannot wait for %s: %s", start->launch.arguments[0], strerror(-error));
    return STATUS_FAILED;
  }
  start->ended_at = process_clock_ns();
  child_finish(&start->child);
  session_watch_finish(start->watch);
  return child_exit_status(&start->child);
}

bool start_is_program(const struct start *start, const struct process *process) {
  const struct place_name *name = &process->snapshot.name;
  return name->pid == (uint32_t)start->child.pid && name->start_ticks == start->child.start_ticks;
}

void start_explain_absence(const struct start *start, char ret_remark[START_REMARK_BYTES]) {
  const char *words = target_hindrance_words(start->target.hindrance);
  if (words) {
    snprintf(ret_remark, START_REMARK_BYTES, "%.255s: not tracked: it %s", start->target.path, words);
    return;
  }
  snprintf(
      ret_remark, START_REMARK_BYTES,
      "%.127s: left no segment; check that a folder for segments has room and can be written ($RATION_DIR, "
      "/dev/shm, $XDG_RUNTIME_DIR, $TMPDIR), that `only`, `not` and `follow` let it be tracked, and that "
      "it runs under glibc with LD_PRELOAD kept; `ration doctor` looks at some of this",
      start->launch.arguments[0]);
}

void start_free(struct start *start) {
  if (start->watch) session_watch_free(start->watch);
  free(start->preload);
  free(start->options);
}

void start_raise_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static int find_target(struct start *start) {
  int error = target_find(start->launch.arguments[0], getenv("PATH"), &start->target);
  return error ? complain_of_start(start, error, true) : STATUS_DONE;
}

static int prepare_session(struct start *start, session_watch_visitor visit, void *context) {
  struct proc_stat self;
  int error = procfs_stat((uint32_t)getpid(), &self);
  if (error) {
    complain("/proc/self/stat", "%s; ration needs /proc", strerror(-error));
    return STATUS_FAILED;
  }
  start->own_start = self.start_ticks;
  snprintf(start->session, sizeof start->session, "%d.%" PRIu64, (int)getpid(), self.start_ticks);
  start->launch.session = start->session;
  if (getrlimit(RLIMIT_NOFILE, &start->descriptors) == 0) start->launch.descriptors = &start->descriptors;
  start_raise_descriptors();
  error = session_watch_new(self.start_ticks, visit, context, &start->watch);
  if (!error) return STATUS_DONE;
  complain(start->who, "cannot watch for segments: %s", strerror(-error));
  return STATUS_FAILED;
}

/*
 * A loader that cannot load the shim says so on the program's stderr: it is not asked to. And a program of another
 * machine is none that a shell should try.
 */
static int prepare_preload(struct start *start) {
  char shim[PATH_MAX];
  struct fault fault;
  if (preload_find(shim, &fault) != 0) {
    complain("libration.so", "%s", fault.words);
    return STATUS_FAILED;
  }
  enum hindrance hindrance = start->target.hindrance;
  if (hindrance == HINDRANCE_FOREIGN) start->launch.path = start->target.command;
  if (hindrance == HINDRANCE_FOREIGN || hindrance == HINDRANCE_MUSL) return STATUS_DONE;
  start->preload = preload_join(shim, getenv("LD_PRELOAD"));
  start->launch.preload = start->preload;
  if (start->preload) return STATUS_DONE;
  complain(start->who, "not enough memory");
  return STATUS_FAILED;
}

static int complain_of_start(const struct start *start, int error, bool has_exec_failed) {
  const char *command = start->launch.arguments[0];
  if (!has_exec_failed) {
    complain(start->who, "cannot start a process: %s", strerror(-error));
    return STATUS_FAILED;
  }
  if (error == -ENOENT) {
    complain(command, "not found; check the name and PATH");
    return STATUS_NOT_FOUND;
  }
  complain(command, "cannot be run: %s; check that it is an executable file", strerror(-error));
  return STATUS_NOT_RUN;
}
