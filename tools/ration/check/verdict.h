/*
 * verdict.h: what has become of the conditions of a `ration check`, as one process after the other ends.
 *
 * Of each condition only the process that is worst is kept, however many come.
 */
#ifndef RATION_TOOL_CHECK_VERDICT_H
#define RATION_TOOL_CHECK_VERDICT_H

#include "conditions/condition.h"

enum verdict_state {
  VERDICT_MET,
  VERDICT_BROKEN,
  VERDICT_UNKNOWN, /* no process had what it is about */
};

struct verdict {
  const struct condition *condition;
  uint64_t processes; /* that it concerned */
  uint64_t broken;    /* of them */
  int unknown;        /* of the others, the last -errno of figure_value() */
  uint64_t value;     /* of the worst process: the next, too */
  uint32_t pid;
  char program[RATION_PROGRAM_BYTES];
};

struct verdict_list {
  const struct condition_list *conditions;
  const struct suppressions *suppressions;
  struct verdict *verdict;  /* allocated, one for each condition */
  struct leak_count *leaks; /* allocated: of one process; NULL: no condition needs it */
  uint64_t tracked;         /* processes whose blocks were counted */
  uint64_t leak_mean_bytes; /* the highest of those whose leaks were counted */
  struct fault fault;       /* the first process that could not be read whole; else no words */
};

/* Both lists must outlive it. Returns 0 or -ENOMEM. */
int verdict_begin(const struct condition_list *conditions, const struct suppressions *suppressions,
                  struct verdict_list *ret_list);
void verdict_end(struct verdict_list *list);

/* An image that was replaced by exec has not come to its end: what must be at least says nothing of it, nor leaks. */
void verdict_take(struct verdict_list *list, const struct process *process, bool is_last_image);

enum verdict_state verdict_state(const struct verdict *verdict);

/* "--max total.peak=512M", and what came of it: "total.peak is 612.3 MiB of at most 512.0 MiB in sqlite3 (pid 4711)". */
#define VERDICT_BYTES 1024
void verdict_name(const struct verdict *verdict, char ret_name[VERDICT_BYTES]);
void verdict_words(const struct verdict *verdict, char ret_words[VERDICT_BYTES]);

#endif
