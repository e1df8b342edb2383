/*
 * pairing.c: see pairing.h.
 */
#include "diff/pairing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A shell forks, then its child execs at once: such images hold little but what they inherited, as in launch/tree.c. */
#define WORTH_COMPARING_BYTES (UINT64_C(1) << 20)

/* Processes that are compared, or are still without a partner: then not NULL. */
struct candidates {
  size_t count;
  const struct process **process; /* allocated */
};

static int choose(const struct subject *subject, struct candidates *ret_candidates);
static bool is_worth_comparing(const struct process *process);
static const struct process *take_partner(const struct process *process, struct candidates *others);

int pairing_make(const struct subject *before, const struct subject *after, struct pairing *ret_pairing) {
  struct candidates of_before = {0}, of_after = {0};
  struct pairing pairing = {.pair = calloc(before->count + after->count, sizeof *pairing.pair)};
  int error = pairing.pair ? choose(before, &of_before) : -ENOMEM;
  if (!error) error = choose(after, &of_after);
  bool is_one_each = of_before.count == 1 && of_after.count == 1;
  for (size_t i = 0; i < of_before.count && !error; i++) {
    const struct process *process = of_before.process[i];
    const struct process *partner = is_one_each ? of_after.process[0] : take_partner(process, &of_after);
    pairing.pair[pairing.count++] = (struct pair){process, partner};
  }
  for (size_t i = 0; i < of_after.count && !is_one_each && !error; i++)
    if (of_after.process[i]) pairing.pair[pairing.count++] = (struct pair){NULL, of_after.process[i]};
  free(of_before.process);
  free(of_after.process);
  if (error) {
    pairing_free(&pairing);
  } else {
    *ret_pairing = pairing;
  }
  return error;
}

void pairing_free(struct pairing *pairing) {
  free(pairing->pair);
  *pairing = (struct pairing){0};
}

/* All, where none of them is worth it. */
static int choose(const struct subject *subject, struct candidates *ret_candidates) {
  struct candidates chosen = {.process = calloc(subject->count, sizeof *chosen.process)};
  if (!chosen.process) return -ENOMEM;
  size_t worth = 0;
  for (size_t i = 0; i < subject->count; i++) worth += is_worth_comparing(subject->processes[i]);
  for (size_t i = 0; i < subject->count; i++)
    if (worth == 0 || is_worth_comparing(subject->processes[i]))
      chosen.process[chosen.count++] = subject->processes[i];
  *ret_candidates = chosen;
  return 0;
}

static bool is_worth_comparing(const struct process *process) {
  return process->state != PROCESS_REPLACED || process->snapshot.own_allocated_bytes >= WORTH_COMPARING_BYTES;
}

static const struct process *take_partner(const struct process *process, struct candidates *others) {
  for (size_t i = 0; i < others->count; i++) {
    const struct process *other = others->process[i];
    if (!other || strcmp(other->snapshot.program, process->snapshot.program) != 0) continue;
    others->process[i] = NULL;
    return other;
  }
  return NULL;
}
