/*
 * gone.c: see gone.h. What lives is said by the books, and by samples; leaks are never more than the books say.
 */
#include "diff/gone.h"

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

static void forget_books(struct snapshot *snapshot) {
  forget_figures(&snapshot->total);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    forget_figures(&snapshot->categories[id].own);
    forget_figures(&snapshot->categories[id].subtree);
    snapshot->accounts[id].live_bytes = 0;
  }
  for (uint32_t i = 0; i < snapshot->budgets.count; i++) snapshot->budgets.budget[i].used_bytes = 0;
}

static void forget_figures(struct figures *figures) {
  figures->live_bytes = figures->live_blocks = 0;
}
