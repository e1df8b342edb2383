/*
 * leak_count.c: the live samples of each site, scaled as `report --leaks` has them.
 */
#include "conditions/leak_count.h"

#include <errno.h>

#include "base/whole.h"
#include "sites/site_table.h"
#include "subject/subject.h"

static int count_sites(const struct process *process, const struct suppressions *suppressions,
                       const struct site_list *sites, struct leak_count *count);
static int count_site(struct symbols *symbols, const struct suppressions *suppressions,
                      const struct site_list *sites, const struct site_row *row, struct leak_count *count);
static void keep_to_books(const struct snapshot *snapshot, struct leak_count *count);
static void add_below(const struct snapshot *snapshot, struct leak_count *count);

int leak_count_read(const struct process *process, const struct suppressions *suppressions,
                    struct leak_count *ret_count, struct fault *ret_fault) {
  struct site_list sites;
  struct leak_count *count = ret_count;
  *count = (struct leak_count){.mean_bytes = process->snapshot.facts.sample_mean};
  int error = site_list_read_path(process->path, process->is_memfd, process->snapshot.category_count, &sites,
                                  ret_fault);
  if (error) return error;
  error = count_sites(process, suppressions, &sites, count);
  if (error) fault_set(ret_fault, error, "not enough memory to read its sites");
  site_list_free(&sites);
  return error;
}

static int count_sites(const struct process *process, const struct suppressions *suppressions,
                       const struct site_list *sites, struct leak_count *count) {
  struct symbol_places places = {0};
  struct site_wishes wishes = {.order = SITES_BY_LIVE, .selection = &selection_all};
  struct site_table table;
  int error = site_table_make(sites, &process->snapshot, &wishes, &table);
  if (error) return error;
  struct symbols *symbols = subject_symbols(process, &places);
  if (!symbols) error = -ENOMEM;
  for (size_t i = 0; i < table.count && !error; i++)
    error = count_site(symbols, suppressions, sites, &table.row[i], count);
  count->is_known = count->mean_bytes > 0 || table.samples > 0 || process->snapshot.total.live_blocks == 0;
  keep_to_books(&process->snapshot, count);
  add_below(&process->snapshot, count);
  symbols_close(symbols);
  site_table_free(&table);
  return error;
}

/* A stack costs something to name: only where something may fit it. */
static int count_site(struct symbols *symbols, const struct suppressions *suppressions,
                      const struct site_list *sites, const struct site_row *row, struct leak_count *count) {
  bool is_suppressed = false;
  if (row->facts->live.samples == 0) return 0;
  if (suppressions->count > 0) {
    struct stack stack;
    int error = stack_of(symbols, sites, row->facts, &stack);
    if (error) return error;
    is_suppressed = suppressions_fit(suppressions, &stack);
    stack_free(&stack);
  }
  if (!is_suppressed && row->live_blocks > 0) count->own[row->facts->category] += whole_of(row->live_blocks);
  return 0;
}

/* A few samples may stand for more blocks than there are: no leak is none of those that live. */
static void keep_to_books(const struct snapshot *snapshot, struct leak_count *count) {
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    uint64_t live = snapshot->categories[id].own.live_blocks;
    if (count->own[id] > live) count->own[id] = live;
  }
}

/* Those below have higher ids; a hostile segment that says otherwise gets another sum. */
static void add_below(const struct snapshot *snapshot, struct leak_count *count) {
  for (uint32_t id = snapshot->category_count; id > 0; id--) {
    count->subtree[id] += count->own[id];
    uint32_t parent = snapshot->categories[id].parent;
    if (parent > 0 && parent < id) count->subtree[parent] += count->subtree[id];
  }
}
