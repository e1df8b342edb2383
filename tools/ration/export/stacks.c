/*
 * stacks.c: reads the sites, puts them in order, names their frames.
 */
#include "export/stacks.h"

#include <errno.h>

#include "reader/selection.h"
#include "view/progress.h"
#include "view/site_view.h"

static void forget_live(struct site_table *table);
static int visit(const struct stacks *stacks, const struct site_row *row, stack_taker *take, void *context);

int stacks_open(const struct process *process, const struct export_wishes *wishes, struct stacks *ret_stacks,
                struct fault *ret_fault) {
  struct stacks *stacks = ret_stacks;
  const struct snapshot *snapshot = &process->snapshot;
  *stacks = (struct stacks){.process = process, .wishes = wishes};
  int error = site_list_read_path(process->path, process->is_memfd, snapshot->category_count, &stacks->sites,
                                  ret_fault);
  if (error) return error;
  struct site_wishes of_table = {
      .order = wishes->order, .is_raw = wishes->is_raw, .selection = &selection_all};
  struct symbol_places places = {.sysroot = wishes->sysroot, .debug_dir = wishes->debug_dir};
  stacks->symbols = subject_symbols(process, &places);
  if (stacks->symbols && site_table_make(&stacks->sites, snapshot, &of_table, &stacks->table) == 0) return 0;
  stacks_close(stacks);
  return fault_set(ret_fault, -ENOMEM, "not enough memory to read its sites");
}

int stacks_open_beside(const struct subject *subject, size_t number, const struct export_wishes *wishes,
                       struct stacks *ret_stacks, struct fault *ret_fault) {
  const struct process *process = subject->processes[number];
  int error = stacks_open(process, wishes, ret_stacks, ret_fault);
  if (!error && subject->count > 1 && process->state == PROCESS_REPLACED) forget_live(&ret_stacks->table);
  return error;
}

static void forget_live(struct site_table *table) {
  for (size_t i = 0; i < table->count; i++) {
    table->row[i].live_bytes = table->row[i].live_blocks = 0;
    if (table->order == SITES_BY_LIVE) table->row[i].rank = 0;
  }
  table->unattributed_bytes = 0;
}

void stacks_close(struct stacks *stacks) {
  symbols_close(stacks->symbols);
  site_table_free(&stacks->table);
  site_list_free(&stacks->sites);
  stacks->symbols = NULL;
}

int stacks_visit(const struct stacks *stacks, stack_taker *take, void *context) {
  struct progress progress;
  int error = 0;
  progress_begin(&progress, SITE_VIEW_PROGRESS, stacks->table.count);
  for (size_t i = 0; !error && i < stacks->table.count; i++) {
    error = visit(stacks, &stacks->table.row[i], take, context);
    progress_step(&progress, i + 1);
  }
  progress_end(&progress);
  return error;
}

static int visit(const struct stacks *stacks, const struct site_row *row, stack_taker *take, void *context) {
  struct stack stack;
  int error = stack_of(stacks->symbols, &stacks->sites, row->facts, &stack);
  if (error) return error;
  if (frame_filter_passes(&stacks->wishes->filter, &stack)) error = take(stacks, row, &stack, context);
  stack_free(&stack);
  return error;
}

const char *stacks_category(const struct stacks *stacks, const struct site_row *row) {
  return stacks->process->snapshot.categories[row->facts->category].name;
}

uint64_t stacks_weight(const struct site_row *row, enum site_order order) {
  switch (order) {
  case SITES_BY_LIVE:
    return stacks_rounded(row->live_bytes);
  case SITES_BY_TOTAL:
    return stacks_rounded(row->total_bytes);
  case SITES_BY_PEAK:
    return stacks_rounded(row->facts->at_process_peak_bytes);
  case SITES_BY_TEMPORARY:
    return stacks_rounded(row->facts->temporary_blocks);
  case SITES_BY_COUNT:
    return stacks_rounded(row->total_blocks);
  case SITES_BY_LIFETIME:
    break; /* lifetimes do not add up */
  }
  return 0;
}

/* Whatever a hostile segment adds up to, the formats' numbers are of 63 bits. */
uint64_t stacks_rounded(double value) {
  if (!(value > 0)) return 0;
  return value < 9e18 ? (uint64_t)(value + 0.5) : UINT64_C(9000000000000000000);
}
