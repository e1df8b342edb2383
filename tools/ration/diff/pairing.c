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
static void pair_all(const struct candidates *before, struct candidates *after, struct pairing *pairing);
static const struct process *take_partner(const struct process *process, bool is_like,
                                          struct candidates *others);

int pairing_make(const struct subject *before, const struct subject *after, struct pairing *ret_pairing) {
  struct candidates of_before = {0}, of_after = {0};
  struct pairing pairing = {.pair = calloc(before->count + after->count, sizeof *pairing.pair)};
  int error = pairing.pair ? choose(before, &of_before) : -ENOMEM;
  if (!error) error = choose(after, &of_after);
  if (!error) pair_all(&of_before, &of_after, &pairing);
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

/* First what exec has replaced beside its like, and what came to its end beside that; then what is left. */
static void pair_all(const struct candidates *before, struct candidates *after, struct pairing *pairing) {
  struct pair *pair = pairing->pair;
  pairing->count = before->count;
  for (size_t i = 0; i < before->count; i++) pair[i].before = before->process[i];
  if (before->count == 1 && after->count == 1) {
    pair->after = after->process[0];
    return;
  }
  for (int is_like = 1; is_like >= 0; is_like--)
    for (size_t i = 0; i < before->count; i++)
      if (!pair[i].after) pair[i].after = take_partner(pair[i].before, is_like, after);
  for (size_t i = 0; i < after->count; i++)
    if (after->process[i]) pair[pairing->count++].after = after->process[i];
}

static const struct process *take_partner(const struct process *process, bool is_like,
                                          struct candidates *others) {
  bool is_replaced = process->state == PROCESS_REPLACED;
  for (size_t i = 0; i < others->count; i++) {
    const struct process *other = others->process[i];
    if (!other || strcmp(other->snapshot.program, process->snapshot.program) != 0) continue;
    if (is_like && (other->state == PROCESS_REPLACED) != is_replaced) continue;
    others->process[i] = NULL;
    return other;
  }
  return NULL;
}
