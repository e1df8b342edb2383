/*
 * leaks.c: report --leaks: what lives, and by whom it was allocated.
 */
#include <errno.h>
#include <stdlib.h>

#include "complain.h"
#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "view/leak_view.h"
#include "view/process_view.h"

struct leaks {
  struct leak_report report;
  struct leak_sums *sums;
};

static process_shower show;
static int show_leaks(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                      const struct sample_list *samples, const struct suppressions *suppressions,
                      struct leak_sums *ret_sums, struct fault *ret_fault);

/* Samples before sites: the site of each is there by then. */
int look_leaks(struct emitter *emitter, struct process *process, const struct wishes *wishes, int *ret_status,
               struct fault *ret_fault) {
  struct suppressions suppressions = {0};
  struct sample_list samples = {0};
  struct leak_sums sums = {0};
  int error = wishes->suppressions ? suppressions_read(wishes->suppressions, &suppressions, ret_fault) : 0;
  if (error == -EINVAL) error = -ERANGE; /* wrong input, and no segment that is none: see report.c */
  if (!error) error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (!error) error = show_leaks(emitter, process, wishes, &samples, &suppressions, &sums, ret_fault);
  sample_list_free(&samples);
  suppressions_free(&suppressions);
  if (!error && wishes->tells_leaks_by_status && sums.leaked_blocks > 0) *ret_status = STATUS_BROKEN;
  return error;
}

static int show_leaks(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                      const struct sample_list *samples, const struct suppressions *suppressions,
                      struct leak_sums *ret_sums, struct fault *ret_fault) {
  struct reading reading;
  double *requested;
  int error = reading_open(process, wishes, &reading, ret_fault);
  if (error) return error;
  error = leak_view_requests(samples, &reading.sites, &requested);
  if (!error) {
    struct leaks leaks = {.report = {&reading.report, suppressions, requested}, .sums = ret_sums};
    process_view_instead(emitter, process, &selected, show, &leaks);
    free(requested);
  } else {
    fault_set(ret_fault, error, "not enough memory to read its samples");
  }
  reading_close(&reading);
  return error;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct leaks *leaks = context;
  (void)selection; /* the table is of the selected ones */
  leak_view_table(emitter, process, &leaks->report, leaks->sums);
  site_view_coverage(emitter, leaks->report.sites);
}
