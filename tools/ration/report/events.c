/*
 * events.c: report --events: what happened, as far as the ring, or a recording, has it.
 */
#include "report/looks.h"
#include "select.h"
#include "subject/subject.h"
#include "view/process_view.h"

/* Events are read after what they speak of; of a recording all that it has. */
int look_events(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                int *ret_status, struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  struct event_list events = {0};
  int error = subject_events(process, &events, ret_fault);
  if (error) return error;
  process_view_events(emitter, process, &events, &selected);
  event_list_free(&events);
  return 0;
}
