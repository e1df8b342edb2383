/*
 * pools.c: report --pools: the program's object pools.
 */
#include "report/looks.h"
#include "select.h"
#include "view/pool_view.h"
#include "view/process_view.h"

int look_pools(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
               struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  (void)ret_fault;
  process_view_instead(emitter, process, &selected, pool_view_table, NULL);
  return 0;
}
