/*
 * action.h: what is done to a process under pressure, from outside: a command is run, a signal is sent, or its
 * allocator is asked to give back what it does not use.
 */
#ifndef RATION_TOOL_WATCH_ACTION_H
#define RATION_TOOL_WATCH_ACTION_H

#include <sys/types.h>

#include "reader/budget_rows.h"
#include "reader/process.h"

enum action_kind {
  ACTION_SAY, /* nothing but the line that is written for all of them */
  ACTION_EXEC,
  ACTION_SIGNAL,
  ACTION_TRIM,
};

struct action {
  enum action_kind kind;
  const char *command; /* of ACTION_EXEC, for sh -c */
  int signal;          /* of ACTION_SIGNAL */
  const struct process *process;
  int pidfd;    /* of ACTION_SIGNAL; -1: none */
  pid_t runner; /* of the command that runs; 0: none does */
};

/* Why it is done. */
struct occasion {
  const char *category;
  struct budget_row row;
};

/* Reads the name of a signal, with SIG before it or without. Returns 0, or -EINVAL with words. */
int action_read_signal(const char *name, int *ret_signal, struct fault *ret_fault);

/*
 * Before the first time: can it be done to this process? Returns 0; -EPERM: the signal would end or stop it, as it
 * neither catches nor ignores it; -ESRCH: it has ended; with words.
 */
int action_prepare(struct action *action, const struct process *process, struct fault *ret_fault);

/*
 * Does it, or begins to: a command runs on, see action_take_end. What was done stands in *ret_words. Returns 0, or
 * -errno with words: nothing was done.
 */
#define ACTION_WORDS_BYTES 128
int action_begin(struct action *action, const struct occasion *occasion, char ret_words[ACTION_WORDS_BYTES],
                 struct fault *ret_fault);

/* Takes the end of the command, if it has ended. Returns 0, or -ECHILD with words: it has failed. */
int action_take_end(struct action *action, struct fault *ret_fault);

#endif
