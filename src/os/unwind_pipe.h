/*
 * unwind_pipe.h: the pipe that libunwind opens at its first use.
 *
 * With it libunwind probes addresses, but not on our behalf, and it would use the two numbers for ever, whatever the
 * program has opened under them since. It keeps them in two ints that are -1 before. Which ones those are is seen by
 * looking at its data before and after: then they are closed, and -1 again, after which libunwind opens another pipe
 * when it needs one for somebody else.
 */
#ifndef RATION_OS_UNWIND_PIPE_H
#define RATION_OS_UNWIND_PIPE_H

#define UNWIND_PIPE_CANDIDATES 16

struct unwind_pipe {
  int *candidates[UNWIND_PIPE_CANDIDATES]; /* pairs that were -1 */
  unsigned count;
};

/* Before libunwind's first use: `address` is one of its functions. */
void unwind_pipe_watch(const void *address, struct unwind_pipe *ret_pipe);

/* After it. */
void unwind_pipe_close(const struct unwind_pipe *pipe);

#endif
