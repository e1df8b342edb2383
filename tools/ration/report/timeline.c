/*
 * timeline.c: report --timeline: what was charged in the course of time.
 */
#include "report/looks.h"
#include "select.h"
#include "subject/subject.h"
#include "view/process_view.h"
#include "view/terminal.h"
#include "view/timeline_view.h"

struct shown {
  struct timeline timeline;
  struct timeline_extent extent;
};

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct shown *shown = context;
  timeline_view(emitter, process, &shown->timeline, shown->extent, selection);
}

/* Read after the categories, so that each of these has come into being by then. */
int look_timeline(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                  int *ret_status, struct fault *ret_fault) {
  (void)ret_status;
  struct shown shown = {.extent = {.last_ns = wishes->last_ns, .columns = terminal_columns()}};
  int error = subject_timeline(process, &shown.timeline, ret_fault);
  if (error) return error;
  process_view_instead(emitter, process, &selected, show, &shown);
  timeline_free(&shown.timeline);
  return 0;
}
