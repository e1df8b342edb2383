/*
 * opening.c: see opening.h.
 */
#include "opening.h"

#include "complain.h"
#include "view/progress.h"

int opening_subject(const char *wanted, struct subject *ret_subject, struct fault *ret_fault) {
  struct progress progress;
  progress_begin(&progress, "opening", 0);
  int error = subject_open(wanted, ret_subject, ret_fault);
  progress_end(&progress);
  return error;
}

void opening_note(const char *wanted, const struct subject *subject) {
  const char *words = subject->processes[0]->recording_remark.words;
  if (words[0]) complain(wanted, "note: %s", words);
}
