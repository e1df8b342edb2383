/*
 * control.h: asking a running process for other settings: the only place where ration writes to a segment.
 *
 * One page of the file is mapped, that of the control table, and nothing else of it is ever written. Writers exclude
 * each other by flock(2). How shim and writer keep requests whole stands in src/track/control.c.
 */
#ifndef RATION_TOOL_WRITER_CONTROL_H
#define RATION_TOOL_WRITER_CONTROL_H

#include "reader/process.h"

#define CONTROL_WAIT_MS 1000

enum control_result {
  CONTROL_TAKEN,
  CONTROL_REFUSED, /* by the process; words say what and why */
  CONTROL_PENDING, /* no thread of it has come by a heartbeat within CONTROL_WAIT_MS: it will be taken up at the next */
};

struct control_answer {
  enum control_result result;
  char why[448]; /* of CONTROL_REFUSED; any bytes, NUL-terminated */
};

/*
 * Asks the process for `settings`, in the grammar of RATION_OPTIONS, and waits for its answer. Returns 0; -ESRCH: it
 * has ended (also while it was waited for); -ENOTSUP: it does not take settings; -EACCES: another user's; -E2BIG; or
 * what open(2), flock(2) and mmap(2) return; with words.
 */
int control_ask(const struct process *process, const char *settings, struct control_answer *ret_answer,
                struct fault *ret_fault);

#endif
