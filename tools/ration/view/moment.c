/*
 * moment.c: differences that do not go below 0.
 */
#include "view/moment.h"

#include "view/field.h"

uint64_t moment_since_start(const struct process *process, uint64_t at) {
  uint64_t start = process->snapshot.facts.started_at;
  if (at == 0) return FIELD_NEVER;
  return at > start ? at - start : 0;
}

uint64_t moment_until_end(const struct process *process, uint64_t at) {
  uint64_t start = process->snapshot.facts.started_at;
  if (at < start) at = start;
  return process->until_at > at ? process->until_at - at : 0;
}
