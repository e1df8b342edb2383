/*
 * pairing.c: see pairing.h.
 */
#include "diff/pairing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct process *take_partner(const struct process *process, const struct subject *others,
                                          bool is_taken[]);

int pairing_make(const struct subject *before, const struct subject *after, struct pairing *ret_pairing) {
  struct pairing pairing = {.pair = calloc(before->count + after->count, sizeof *pairing.pair)};
  bool *is_taken = calloc(after->count, sizeof *is_taken);
  if (!pairing.pair || !is_taken) {
    free(pairing.pair);
    free(is_taken);
    return -ENOMEM;
  }
  bool is_one_each = before->count == 1 && after->count == 1;
  for (size_t i = 0; i < before->count; i++) {
    const struct process *process = before->processes[i];
    const struct process *partner =
        is_one_each ? after->processes[0] : take_partner(process, after, is_taken);
    pairing.pair[pairing.count++] = (struct pair){process, partner};
  }
  for (size_t i = 0; i < after->count && !is_one_each; i++)
    if (!is_taken[i]) pairing.pair[pairing.count++] = (struct pair){NULL, after->processes[i]};
  free(is_taken);
  *ret_pairing = pairing;
  return 0;
}

void pairing_free(struct pairing *pairing) {
  free(pairing->pair);
  *pairing = (struct pairing){0};
}

static const struct process *take_partner(const struct process *process, const struct subject *others,
                                          bool is_taken[]) {
  for (size_t i = 0; i < others->count; i++) {
    if (is_taken[i] || strcmp(others->processes[i]->snapshot.program, process->snapshot.program) != 0)
      continue;
    is_taken[i] = true;
    return others->processes[i];
  }
  return NULL;
}
