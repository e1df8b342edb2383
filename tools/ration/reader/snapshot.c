/*
 * snapshot.c: from the bytes of a segment to figures.
 *
 * The program goes on while it is read. Frees are read before allocations, so that no count comes out
 * negative; charges are read before and after the credit that belongs to them, until they have not moved in
 * between, a few times: a program that is never at rest gets figures that are off by at most its error bound.
 */
#include "reader/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/category_rows.h"
#include "reader/charges.h"
#include "reader/layout.h"
#include "reader/tally.h"

#define TRIES       4
#define SLABS_TRIED 512

/* What all slabs together say of each category. */
struct sums {
  struct ration_segment_tally tally[RATION_CATEGORY_IDS];
};

/* What the slabs of threads say, without the one that is shared. */
struct own_sums {
  uint64_t allocated_bytes;
  uint64_t allocations;
  uint64_t frees;
  uint64_t aside_ns;
};

/* A reading in progress. */
struct reading {
  const struct segment_file *file;
  struct layout layout;
  struct ration_segment_category rows[RATION_CATEGORY_IDS]; /* by id */
  struct sums sums;
  struct snapshot
      *snapshot; /* the caller's: there is so much of it that to copy it takes longer than to read it */
  bool is_of_books;
};

static int read_wanted(const struct segment_file *file, bool is_of_books, struct snapshot *ret_snapshot,
                       struct fault *ret_fault);
static int read_all(struct reading *reading, struct fault *ret_fault);
static void clear(struct snapshot *snapshot);
static void take_header(const struct ration_segment_header *header, struct snapshot *ret_snapshot);
static int read_rows(struct reading *reading);
static int check_rows(const struct reading *reading, struct fault *ret_fault);
static int read_charges(struct reading *reading);
static int read_budgets(struct reading *reading);
static int read_lists(struct reading *reading);
static uint64_t last_moment(const struct snapshot *snapshot);
static bool is_row_valid(const struct reading *reading, uint32_t id);
static int read_beside(struct reading *reading, struct fault *ret_fault);
static void take_losses(const struct facts *facts, struct losses *losses);
static bool has_misuses(const struct losses *losses);
static int read_accounts(struct reading *reading);
static int read_slabs(struct reading *reading);
static int read_slab(const struct reading *reading, uint32_t slab, struct ration_segment_slab *ret_slab);
static int read_frees(struct reading *reading);
static int read_rest(struct reading *reading, bool is_once);
static void add_own(struct own_sums *own, const struct ration_segment_tally *tally);
static void fill_categories(struct reading *reading);
static void fill_subtrees(struct reading *reading);
static void fill_total(struct reading *reading);
static struct figures figures_of(uint64_t charged, uint64_t peak, const struct ration_segment_tally *sum);
static uint64_t less(uint64_t a, uint64_t b);

int snapshot_read_path(const char *path, bool is_memfd, struct snapshot *ret_snapshot,
                       struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = snapshot_read(&file, ret_snapshot, ret_fault);
  segment_file_close(&file);
  return error;
}

int snapshot_read(const struct segment_file *file, struct snapshot *ret_snapshot, struct fault *ret_fault) {
  return read_wanted(file, false, ret_snapshot, ret_fault);
}

int snapshot_read_books(const struct segment_file *file, struct snapshot *ret_snapshot,
                        struct fault *ret_fault) {
  return read_wanted(file, true, ret_snapshot, ret_fault);
}

/* Of its rows only those are looked at that have been read. */
static int read_wanted(const struct segment_file *file, bool is_of_books, struct snapshot *ret_snapshot,
                       struct fault *ret_fault) {
  struct reading *reading = malloc(sizeof *reading);
  if (!reading) return fault_set(ret_fault, -ENOMEM, "not enough memory to read it");
  reading->file = file;
  reading->snapshot = ret_snapshot;
  reading->is_of_books = is_of_books;
  clear(ret_snapshot);
  ret_snapshot->user = file->user;
  memset(&reading->sums, 0, sizeof reading->sums);
  int error = read_all(reading, ret_fault);
  free(reading);
  return error;
}

static void clear(struct snapshot *snapshot) {
  memset(snapshot, 0, offsetof(struct snapshot, rules));
  snapshot->rules.count = 0;
  snapshot->ranges.count = 0;
  snapshot->budgets.count = 0;
  snapshot->handlers.count = 0;
  snapshot->refusals.count = 0;
  snapshot->pools.count = 0;
}

static int read_all(struct reading *reading, struct fault *ret_fault) {
  int error = layout_read(reading->file, &reading->layout, ret_fault);
  if (error) return error;
  take_header(&reading->layout.header, reading->snapshot);

  error = read_rows(reading);
  if (!error) error = check_rows(reading, ret_fault);
  if (!error) error = read_beside(reading, ret_fault);
  if (error == -EBADMSG) return error;
  if (!error && !reading->is_of_books && has_misuses(&reading->snapshot->losses))
    error = misuse_count_read(reading->file, &reading->layout, &reading->snapshot->misuses);
  if (!error) error = read_slabs(reading);
  if (!error) error = read_budgets(reading);
  if (error) return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
  fill_categories(reading);
  fill_subtrees(reading);
  fill_total(reading);
  return 0;
}

static void take_header(const struct ration_segment_header *header, struct snapshot *ret_snapshot) {
  struct snapshot *to = ret_snapshot;
  to->name = (struct place_name){.pid_namespace = header->pid_namespace,
                                 .pid = header->pid,
                                 .start_ticks = header->start_ticks,
                                 .image = header->image};
  to->parent = header->parent;
  to->session_pid = header->session_pid;
  to->session_start = header->session_start;
  to->started_at_ns = header->started_at_ns;
  to->ended_at_ns = header->ended_at_ns;
  memcpy(to->program, header->program, sizeof to->program);
  memcpy(to->allocator, header->allocator, sizeof to->allocator);
  memcpy(to->ignored, header->ignored, sizeof to->ignored);
  to->heap = header->heap;
  to->heap_refusal = header->heap_refusal;
  to->state = header->state;
  to->passive = header->passive;
  to->is_kept = header->keep != 0;
  to->inherited_error_bytes = header->inherited_error_bytes;
  to->losses = (struct losses){.foreign_frees = header->foreign_frees,
                               .untracked_blocks = header->untracked_blocks,
                               .categories_lost = header->categories_lost,
                               .scopes_lost = header->scopes_lost,
                               .settings_ignored = header->settings_ignored};
  to->tags = (struct tag_places){.directory = header->tag_directory,
                                 .directory_entries = header->tag_directory_entries,
                                 .granule_shift = header->granule_shift,
                                 .leaf_bits = header->leaf_bits,
                                 .has_chunk_sizes = header->chunk_sizes == 1};
}

/* Reads the rows of all categories that are published. */
static int read_rows(struct reading *reading) {
  return category_rows_read(reading->file, &reading->layout, reading->rows,
                            &reading->snapshot->category_count);
}

static int check_rows(const struct reading *reading, struct fault *ret_fault) {
  uint32_t count = reading->snapshot->category_count;
  if (count == 0 && reading->snapshot->passive == 0) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: no category `total`; nothing can be read");
  }
  for (uint32_t id = 1; id <= count; id++) {
    if (is_row_valid(reading, id)) continue;
    return fault_set(ret_fault, -EBADMSG, "corrupted: category %u makes no sense; nothing can be read", id);
  }
  return 0;
}

/* Depth rises by one from parent to child, so that every walk to the root ends. */
static bool is_row_valid(const struct reading *reading, uint32_t id) {
  const struct ration_segment_category *row = &reading->rows[id];
  if (row->name_bytes == 0 || row->name_bytes >= sizeof row->name) return false;
  if (strnlen(row->name, sizeof row->name) != row->name_bytes) return false;
  if (id == RATION_CATEGORY_TOTAL) return row->parent == 0 && row->depth == 0;
  return row->parent > 0 && row->parent <= reading->snapshot->category_count &&
         row->depth == reading->rows[row->parent].depth + 1;
}

/* What stands beside the books; nothing of it in a segment of version 1.0. */
static int read_beside(struct reading *reading, struct fault *ret_fault) {
  struct snapshot *snapshot = reading->snapshot;
  int error = facts_read(reading->file, &reading->layout, &snapshot->facts);
  take_losses(&snapshot->facts, &snapshot->losses);
  if (!error && !reading->is_of_books) error = read_accounts(reading);
  if (!error && (!reading->is_of_books || snapshot->facts.is_memory_on))
    error = ranges_read(reading->file, &reading->layout, snapshot->facts.range_count, &snapshot->ranges);
  if (error || reading->is_of_books) return error;
  return rule_list_read(reading->file, &reading->layout, snapshot->facts.rules_count,
                        snapshot->category_count, &snapshot->rules, ret_fault);
}

static void take_losses(const struct facts *facts, struct losses *losses) {
  losses->callers_lost = facts->callers_lost;
  losses->accounts_lost = facts->accounts_lost;
  losses->ranges_lost = facts->ranges_lost;
  losses->events_lost = facts->events_lost;
  losses->double_frees = facts->double_frees;
  losses->wild_frees = facts->wild_frees;
  losses->late_writes = facts->late_writes;
  losses->overruns = facts->overruns;
  losses->lists_lost = facts->lists_lost;
  losses->sites_lost = facts->samples_lost[RATION_SAMPLE_NO_SITE];
  losses->samples_lost = losses->stacks_failed = 0;
  for (size_t i = 0; i < RATION_SAMPLE_LOSSES; i++) losses->samples_lost += facts->samples_lost[i];
  losses->stacks_truncated = facts->stacks_truncated;
  for (size_t i = 0; i < RATION_STACK_ENDS; i++) losses->stacks_failed += facts->stacks_ended[i];
}

/* The ring is looked through only then. */
static bool has_misuses(const struct losses *losses) {
  return losses->double_frees + losses->wild_frees + losses->late_writes + losses->overruns > 0;
}

/* A peak is raised a moment after what is live. */
static int read_accounts(struct reading *reading) {
  const struct layout_table *table = &reading->layout.tables[RATION_TABLE_ACCOUNTS];
  struct ration_segment_account rows[RATION_CATEGORY_IDS];
  uint64_t count = reading->snapshot->category_count + UINT64_C(1);
  if (count > table->rows) count = table->rows;
  int error = layout_copy_rows(reading->file, table, 0, count, rows, sizeof *rows);
  if (error) return error;
  for (uint64_t id = 1; id < count; id++) {
    uint64_t peak = rows[id].peak_bytes > rows[id].live_bytes ? rows[id].peak_bytes : rows[id].live_bytes;
    reading->snapshot->accounts[id] =
        (struct account_figures){.live_bytes = rows[id].live_bytes, .peak_bytes = peak};
  }
  return 0;
}

/* After the charges: what is said of a budget is no older than what it holds. */
static int read_budgets(struct reading *reading) {
  struct snapshot *snapshot = reading->snapshot;
  uint32_t categories = snapshot->category_count;
  int error =
      budget_table_read(reading->file, &reading->layout, reading->rows, categories, &snapshot->budgets);
  if (!error) error = holding_table_read(reading->file, &reading->layout, &snapshot->holdings);
  if (!error && !reading->is_of_books) error = read_lists(reading);
  snapshot->last_at = last_moment(snapshot);
  return error;
}

static int read_lists(struct reading *reading) {
  struct snapshot *snapshot = reading->snapshot;
  uint32_t categories = snapshot->category_count;
  int error = handler_list_read(reading->file, &reading->layout, categories, &snapshot->handlers);
  if (!error) error = refusal_list_read(reading->file, &reading->layout, categories, &snapshot->refusals);
  if (!error) error = pool_list_read(reading->file, &reading->layout, categories, &snapshot->pools);
  return error;
}

static uint64_t last_moment(const struct snapshot *snapshot) {
  uint64_t last = snapshot->facts.started_at;
  for (uint32_t i = 0; i < snapshot->budgets.count; i++) {
    const struct budget_facts *budget = &snapshot->budgets.budget[i];
    if (budget->level_since_at > last) last = budget->level_since_at;
    if (budget->worst_at > last) last = budget->worst_at;
  }
  for (uint32_t i = 0; i < snapshot->handlers.count; i++) {
    const struct handler_facts *handler = &snapshot->handlers.handler[i];
    if (handler->running_since_at > last) last = handler->running_since_at;
  }
  for (uint32_t i = 0; i < snapshot->refusals.count; i++) {
    const struct refusal_facts *refusal = &snapshot->refusals.refusal[i];
    if (refusal->last_at > last) last = refusal->last_at;
  }
  if (snapshot->holdings.counted_at > last) last = snapshot->holdings.counted_at;
  return last;
}

/* Of very many, once is all: it takes so long that some have moved each time. */
static int read_slabs(struct reading *reading) {
  struct ration_segment_category before[RATION_CATEGORY_IDS];
  size_t count = reading->snapshot->category_count;
  bool is_once = reading->layout.header.slab_count > SLABS_TRIED;
  int error = is_once ? 0 : read_frees(reading);
  for (int try = 0; try < (is_once ? 1 : TRIES) && !error; try++) {
    memcpy(before, reading->rows, (count + 1) * sizeof *before);
    error = read_rest(reading, is_once);
    if (!error) error = read_charges(reading);
    if (!error && charges_moved(&before[1], &reading->rows[1], count) == 0) break;
  }
  return error;
}

/* Names and parents stay as they were checked. */
static int read_charges(struct reading *reading) {
  struct ration_segment_category rows[RATION_CATEGORY_IDS];
  uint32_t count;
  int error = category_rows_read(reading->file, &reading->layout, rows, &count);
  if (!error && count < reading->snapshot->category_count) error = -EBADMSG; /* none ever goes */
  for (uint32_t id = 1; id <= reading->snapshot->category_count && !error; id++) {
    memcpy(&reading->rows[id], &rows[id], offsetof(struct ration_segment_category, origin));
    reading->rows[id].set_aside = rows[id].set_aside;
  }
  return error;
}

/* As much of it as there are categories. */
static int read_slab(const struct reading *reading, uint32_t slab, struct ration_segment_slab *ret_slab) {
  size_t bytes = (reading->snapshot->category_count + 1) * sizeof ret_slab->u.tally[0];
  return layout_copy_row(reading->file, &reading->layout.tables[RATION_TABLE_SLABS], slab, ret_slab, bytes);
}

static int read_frees(struct reading *reading) {
  for (uint32_t slab = 0; slab < reading->layout.header.slab_count; slab++) {
    struct ration_segment_slab copy;
    int error = read_slab(reading, slab, &copy);
    if (error) return error;
    for (uint32_t id = 1; id <= reading->snapshot->category_count; id++) {
      reading->sums.tally[id].frees += copy.u.tally[id].frees;
    }
  }
  return 0;
}

/* All but the frees; or, at once, also these: what was freed has been allocated, so no number of live blocks is negative. */
static int read_rest(struct reading *reading, bool is_once) {
  struct sums sums;
  memset(&sums, 0, sizeof sums);
  uint32_t owned = 0;
  uint64_t unsettled = 0;
  struct own_sums own = {0};
  for (uint32_t slab = 0; slab < reading->layout.header.slab_count; slab++) {
    struct ration_segment_slab copy;
    int error = read_slab(reading, slab, &copy);
    if (error) return error;
    if (slab > 0) {
      owned += copy.u.head.owner != 0;
      unsettled += RATION_SLAB_UNSETTLED(copy.u.head.next);
      own.aside_ns += copy.u.head.sampling_ns + copy.u.head.managed_ns;
    }
    for (uint32_t id = 1; id <= reading->snapshot->category_count; id++) {
      tally_add(&sums.tally[id], &copy.u.tally[id]);
      if (slab > 0) add_own(&own, &copy.u.tally[id]);
    }
  }
  for (size_t id = 0; id < RATION_CATEGORY_IDS; id++) {
    struct ration_segment_tally *sum = &sums.tally[id];
    if (!is_once) sum->frees = reading->sums.tally[id].frees;
    if (is_once && sum->frees > sum->allocations) sum->allocations = sum->frees;
  }
  reading->sums = sums;
  reading->snapshot->slabs_owned = owned;
  reading->snapshot->doubt_bytes = unsettled;
  reading->snapshot->own_allocated_bytes = own.allocated_bytes;
  reading->snapshot->own_allocations = own.allocations;
  reading->snapshot->own_frees = own.frees;
  reading->snapshot->aside_ns = own.aside_ns;
  return 0;
}

static void add_own(struct own_sums *own, const struct ration_segment_tally *tally) {
  own->allocated_bytes += tally->allocated_bytes;
  own->allocations += tally->allocations;
  own->frees += tally->frees;
}

static void fill_categories(struct reading *reading) {
  struct snapshot *snapshot = reading->snapshot;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct ration_segment_category *row = &reading->rows[id];
    struct category_figures *category = &snapshot->categories[id];
    memcpy(category->name, row->name, row->name_bytes + 1);
    category->parent = row->parent;
    category->depth = row->depth;
    struct ration_segment_tally own = reading->sums.tally[id];
    own.credit += row->set_aside;
    category->own = figures_of(row->own_charged, row->own_peak, &own);
    snapshot->allowance_bytes += RATION_CHARGE_ALLOWANCE(row->own_charged);
  }
}

static void fill_subtrees(struct reading *reading) {
  struct snapshot *snapshot = reading->snapshot;
  struct sums subtrees = {0};
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    for (uint32_t at = id; at != 0; at = snapshot->categories[at].parent) {
      tally_add(&subtrees.tally[at], &reading->sums.tally[id]);
      subtrees.tally[at].credit += reading->rows[id].set_aside;
    }
  }
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct ration_segment_category *row = &reading->rows[id];
    snapshot->categories[id].subtree =
        figures_of(row->subtree_charged, row->subtree_peak, &subtrees.tally[id]);
  }
}

static void fill_total(struct reading *reading) {
  struct snapshot *snapshot = reading->snapshot;
  struct figures *total = &snapshot->total;
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct figures *own = &snapshot->categories[id].own;
    total->live_bytes += own->live_bytes;
    total->live_blocks += own->live_blocks;
    total->allocations += own->allocations;
    total->frees += own->frees;
    total->reallocations += own->reallocations;
    total->allocated_bytes += own->allocated_bytes;
    total->requested_bytes += own->requested_bytes;
    total->refused += own->refused;
  }
  const struct figures *root = &snapshot->categories[RATION_CATEGORY_TOTAL].subtree;
  total->peak_bytes = root->peak_bytes > total->live_bytes ? root->peak_bytes : total->live_bytes;
  total->peak_error_bytes = root->peak_error_bytes;
  snapshot->doubt_bytes +=
      less(total->live_bytes, root->live_bytes) + less(root->live_bytes, total->live_bytes);
}

/* Credit of the sum: all that is charged and no block's. */
static struct figures figures_of(uint64_t charged, uint64_t peak, const struct ration_segment_tally *sum) {
  uint64_t live = less(RATION_CHARGE_BYTES(charged), sum->credit);
  uint64_t highest = RATION_CHARGE_BYTES(peak);
  if (highest > sum->allocated_bytes) highest = sum->allocated_bytes;
  return (struct figures){
      .live_bytes = live,
      .live_blocks = less(sum->allocations, sum->frees),
      .peak_bytes = highest > live ? highest : live, /* read a moment earlier than what is charged */
      .peak_error_bytes = RATION_CHARGE_ALLOWANCE(peak),
      .allocations = sum->allocations,
      .frees = sum->frees,
      .reallocations = sum->reallocations,
      .allocated_bytes = sum->allocated_bytes,
      .requested_bytes = sum->requested_bytes,
      .refused = sum->refused,
  };
}

static uint64_t less(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}
