/*
 * subject.c: one process that is named, with what names its frames.
 */
#include "subject/subject.h"

#include <errno.h>
#include <stdlib.h>

#include "reader/wanted.h"

int subject_open(const char *wanted, struct subject *ret_subject, struct fault *ret_fault) {
  struct subject subject = {.processes = calloc(1, sizeof *subject.processes)};
  struct process *process = malloc(sizeof *process);
  int error = subject.processes && process ? wanted_read(wanted, process, ret_fault)
                                           : fault_set(ret_fault, -ENOMEM, "not enough memory");
  if (error) {
    free(process);
    free(subject.processes);
    return error;
  }
  subject.processes[subject.count++] = process;
  *ret_subject = subject;
  return 0;
}

void subject_close(struct subject *subject) {
  for (size_t i = 0; i < subject->count; i++) free(subject->processes[i]);
  free(subject->processes);
  *subject = (struct subject){0};
}

struct symbols *subject_symbols(const struct process *process, const struct symbol_places *places) {
  struct symbol_places its = *places;
  its.pid = process->snapshot.name.pid;
  return symbols_open(&its);
}
