/*
 * sizes.c: report --sizes: how large blocks were, and are.
 */
#include "reader/size_table.h"

#include "report/looks.h"
#include "select.h"
#include "view/process_view.h"
#include "view/size_view.h"

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  size_view_tables(emitter, process, context, selection);
}

int look_sizes(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
               struct fault *ret_fault) {
  (void)wishes;
  (void)ret_status;
  struct size_table table;
  int error = size_table_read_path(process->path, process->is_memfd, process->snapshot.category_count, &table,
                                   ret_fault);
  if (error) return error;
  process_view_instead(emitter, process, &selected, show, &table);
  size_table_free(&table);
  return 0;
}
