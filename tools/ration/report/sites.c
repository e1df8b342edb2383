/*
 * sites.c: report --sites: where the bytes come from.
 */
#include <errno.h>

#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "view/process_view.h"

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  (void)selection;
  site_view_table(emitter, process, context);
}

int look_sites(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
               struct fault *ret_fault) {
  (void)ret_status;
  struct reading reading;
  int error = reading_open(process, wishes, &reading, ret_fault);
  if (error) return error;
  process_view_instead(emitter, process, &selected, show, &reading.report);
  reading_close(&reading);
  return 0;
}
