/*
 * opening.c: see opening.h.
 */
#include "opening.h"

#include <stdio.h>

#include "complain.h"
#include "view/progress.h"
#include "view/units.h"

static void remark_on_end(const char *name, const struct subject *subject);
static void remark_on_losses(const char *name, const struct subject *subject);

int opening_subject(const char *wanted, struct subject *ret_subject, struct fault *ret_fault) {
  struct progress progress;
  progress_begin(&progress, "opening", 0);
  int error = subject_open(wanted, ret_subject, ret_fault);
  progress_end(&progress);
  return error;
}

void opening_remark(const char *wanted, const struct subject *subject) {
  const char *name = wanted ? wanted : subject->processes[0]->snapshot.program;
  remark_on_end(name, subject);
  remark_on_losses(name, subject);
}

/* The first process has what is to be said of the whole recording. */
static void remark_on_end(const char *name, const struct subject *subject) {
  const char *first = subject->processes[0]->recording_remark.words;
  size_t others = 0;
  for (size_t i = 1; i < subject->count; i++) others += subject->processes[i]->recording_remark.words[0] != 0;
  if (others == 0 && first[0]) complain(name, "note: %s", first);
  if (others > 0)
    complain(name, "note: %s%swhat has become of %s other %s since is not in it", first, first[0] ? "; " : "",
             units_count(others).chars, others == 1 ? "process" : "processes");
}

static void remark_on_losses(const char *name, const struct subject *subject) {
  uint64_t events = 0, samples = 0;
  for (size_t i = 0; i < subject->count; i++) {
    events += subject->processes[i]->snapshot.losses.events_lost;
    samples += subject->processes[i]->snapshot.losses.samples_lost;
  }
  if (events > 0 || samples > 0)
    complain(name, "note: %s events and %s samples were lost; `ration report` says more",
             units_count(events).chars, units_count(samples).chars);
}
