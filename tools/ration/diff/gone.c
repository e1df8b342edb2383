/*
 * gone.c: see gone.h. Books, samples and leaks are read from three places.
 */
#include "diff/gone.h"

#include <string.h>

static void forget_books(struct snapshot *snapshot);
static void forget_figures(struct figures *figures);

void gone_forget(struct subject *subject) {
  for (size_t i = 0; i < subject->count && subject->count > 1; i++)
    if (subject->processes[i]->state == PROCESS_REPLACED) forget_books(&subject->processes[i]->snapshot);
}

/* One that held nothing when it was replaced has nothing to forget either. */
bool gone_is(const struct process *process) {
  const struct figures *total = &process->snapshot.total;
  return process->state == PROCESS_REPLACED && total->live_bytes == 0 && total->live_blocks == 0;
}

void gone_forget_sites(struct site_list *sites) {
  for (size_t i = 0; i < sites->count; i++) sites->site[i].live = (struct estimate){0};
}

void gone_forget_leaks(struct leak_count *leaks) {
  memset(leaks->own, 0, sizeof leaks->own);
  memset(leaks->subtree, 0, sizeof leaks->subtree);
}

static void forget_books(struct snapshot *snapshot) {
  forget_figures(&snapshot->total);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    forget_figures(&snapshot->categories[id].own);
    forget_figures(&snapshot->categories[id].subtree);
  }
}

static void forget_figures(struct figures *figures) {
  figures->live_bytes = figures->live_blocks = 0;
}
