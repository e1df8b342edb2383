/*
 * largest.c: report --largest: the largest blocks that live, of those that are samples.
 */
#include <errno.h>

#include "report/looks.h"
#include "report/reading.h"
#include "select.h"
#include "subject/largest.h"
#include "view/largest_past_view.h"
#include "view/largest_view.h"
#include "view/process_view.h"

struct largest {
  const struct site_report *report;
  const struct sample_list *samples;
  struct largest_list past;
};

static process_shower show;
static int show_read(struct emitter *emitter, struct process *process, const struct reading *reading,
                     struct sample_list *samples, struct fault *ret_fault);

/* Blocks before sites: the site of each is there by then. */
int look_largest(struct emitter *emitter, struct process *process, const struct wishes *wishes,
                 int *ret_status, struct fault *ret_fault) {
  (void)ret_status;
  struct reading reading;
  struct sample_list samples;
  int error = sample_list_read_path(process->path, process->is_memfd, &samples, ret_fault);
  if (error) return error;
  error = reading_open(process, wishes, &reading, ret_fault);
  if (!error) {
    error = show_read(emitter, process, &reading, &samples, ret_fault);
    reading_close(&reading);
  }
  sample_list_free(&samples);
  return error;
}

static int show_read(struct emitter *emitter, struct process *process, const struct reading *reading,
                     struct sample_list *samples, struct fault *ret_fault) {
  struct largest largest = {.report = &reading->report, .samples = samples};
  int error = largest_list_read(process, &largest.past, ret_fault);
  if (error) return error;
  largest_view_prepare(process, samples, &reading->sites);
  process_view_instead(emitter, process, &selected, show, &largest);
  largest_list_free(&largest.past);
  return 0;
}

static void show(struct emitter *emitter, const struct process *process, const struct selection *selection,
                 const void *context) {
  const struct largest *largest = context;
  largest_view_table(emitter, process, selection, largest->report, largest->samples);
  largest_past_view_table(emitter, process, selection, largest->report, &largest->past);
  site_view_coverage(emitter, largest->report);
}
