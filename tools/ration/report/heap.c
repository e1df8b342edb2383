/*
 * heap.c: report --heap: what the page heap holds, and where its blocks were misused.
 */
#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "sites/misuse_table.h"
#include "subject/subject.h"
#include "view/page_heap_view.h"
#include "view/process_view.h"

static int show_read(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                     const struct event_list *events, struct fault *ret_fault);

/* Events before sites: the site of each is there by then. Of a heap that is not misused neither sites nor symbols are read. */
int look_heap(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
              struct fault *ret_fault) {
  (void)ret_status;
  struct event_list events = {0};
  int error = subject_events(process, &events, ret_fault);
  if (error) return error;
  if (misuse_table_events(&events) > 0)
    error = show_read(emitter, process, wishes, &events, ret_fault);
  else
    process_view_instead(emitter, process, &selected, page_heap_view_tables, NULL);
  event_list_free(&events);
  return error;
}

static int show_read(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                     const struct event_list *events, struct fault *ret_fault) {
  struct reading reading;
  int error = reading_open(process, wishes, &reading, ret_fault);
  if (error) return error;
  struct misuse_report report = {.events = events, .sites = &reading.report};
  process_view_instead(emitter, process, &selected, page_heap_view_tables, &report);
  reading_close(&reading);
  return 0;
}
