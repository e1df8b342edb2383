/*
 * comparison.h: pairs of processes, compared and shown one after the other; then what was asked of them.
 */
#ifndef RATION_TOOL_DIFF_COMPARISON_H
#define RATION_TOOL_DIFF_COMPARISON_H

#include "diff/diff_view.h"
#include "diff/judgement.h"

struct diff_wishes {
  enum measure measure;
  const struct selection *selection;
  struct symbol_places places;
  uint64_t since_ns;    /* 0: not asked for */
  uint32_t most;        /* rows of a table in text; 0: all */
  uint32_t most_frames; /* of a site in text; 0: all */
};

struct comparison {
  struct emitter *emitter;
  const struct diff_wishes *wishes;
  struct judgement judgement;
  size_t pairs;       /* shown so far */
  size_t passed_over; /* of those; no moment gone by is known of them */
  struct fault why;   /* of the last of them */
};

/* One pair, or one process without a partner. The names are for complaints. Returns the exit status, as all do here. */
int comparison_take(struct comparison *comparison, const struct pair *pair, const char *name_before,
                    const char *name_after);

/* A process and itself some time ago; it is passed over, with a remark, where nothing is known of that. */
int comparison_take_since(struct comparison *comparison, const struct process *process, const char *name);

/* By which figure it was, and the conditions. */
int comparison_finish(struct comparison *comparison);
void comparison_free(struct comparison *comparison);

#endif
