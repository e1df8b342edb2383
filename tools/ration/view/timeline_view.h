/*
 * timeline_view.h: what was charged in the course of time, category by category.
 *
 * Bytes are what was charged: what is live, and what threads hold as credit, which is at most the error of the report.
 */
#ifndef RATION_TOOL_VIEW_TIMELINE_VIEW_H
#define RATION_TOOL_VIEW_TIMELINE_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "reader/timeline.h"
#include "view/emitter.h"

/* What of it is shown, and how wide text may be. */
struct timeline_extent {
  uint64_t last_ns; /* the end of it, so long; 0: the whole life */
  unsigned columns; /* of the terminal */
};

/* `timeline` of an open object; in text a plot, or a line where there is none. */
void timeline_view(struct emitter *emitter, const struct process *process, const struct timeline *timeline,
                   struct timeline_extent extent, const struct selection *selection);

#endif
