/*
 * heap.c: report --heap: what the page heap holds.
 */
#include "report/looks.h"
#include "select.h"
#include "view/page_heap_view.h"
#include "view/process_view.h"

int look_heap(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
              struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  (void)ret_fault;
  process_view_instead(emitter, process, &selected, page_heap_view_tables, NULL);
  return 0;
}
