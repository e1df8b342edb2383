/*
 * site_table.c: sums by category, scales, ranks.
 */
#include "sites/site_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Books that lie so many standard deviations from their estimate are not what was sampled: sampling was off meanwhile. */
#define DEVIATIONS 6

/* What the samples of each category say together, and by how much that is to be multiplied. */
struct scaling {
  struct estimate live[RATION_CATEGORY_IDS];
  struct estimate total[RATION_CATEGORY_IDS];
  double live_scale[RATION_CATEGORY_IDS]; /* 0: not scaled */
  double total_scale[RATION_CATEGORY_IDS];
};

static void sum_up(const struct site_list *sites, struct scaling *scaling);
static double scale_of(const struct estimate *estimate, uint64_t exact);
static struct site_row row_of(const struct site_facts *facts, const struct scaling *scaling);
static double rank_of(const struct site_row *row, enum site_order order);
static int compare_rows(const void *a, const void *b);

int site_order_of(const char *word, enum site_order *ret_order) {
  static const char *const words[] = {
      [SITES_BY_LIVE] = "live",           [SITES_BY_TOTAL] = "total", [SITES_BY_PEAK] = "peak",
      [SITES_BY_TEMPORARY] = "temporary", [SITES_BY_COUNT] = "count", [SITES_BY_LIFETIME] = "lifetime"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(word, words[i]) != 0) continue;
    *ret_order = (enum site_order)i;
    return 0;
  }
  return -1;
}

int site_table_make(const struct site_list *sites, const struct snapshot *snapshot,
                    const struct site_wishes *wishes, struct site_table *ret_table) {
  struct site_table table = {.row = calloc(sites->count + 1, sizeof *table.row), .order = wishes->order};
  struct scaling *scaling = calloc(1, sizeof *scaling);
  if (!table.row || !scaling) {
    free(table.row);
    free(scaling);
    return -ENOMEM;
  }
  sum_up(sites, scaling);
  uint32_t root = selection_root(wishes->selection, snapshot);
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const struct figures *own = &snapshot->categories[id].own;
    if (!selection_is_below(snapshot, id, root)) continue;
    if (!wishes->is_raw) scaling->live_scale[id] = scale_of(&scaling->live[id], own->live_bytes);
    if (!wishes->is_raw) scaling->total_scale[id] = scale_of(&scaling->total[id], own->allocated_bytes);
    table.live_bytes += own->live_bytes;
    table.total_bytes += own->allocated_bytes;
    table.estimated_live_bytes += scaling->live[id].bytes;
    table.estimated_total_bytes += scaling->total[id].bytes;
    table.samples += scaling->total[id].samples;
    double left = (double)own->live_bytes - scaling->live[id].bytes;
    if (scaling->live_scale[id] == 0 && left > 0) table.unattributed_bytes += left;
  }
  for (size_t i = 0; i < sites->count; i++) {
    const struct site_facts *facts = &sites->site[i];
    if (!selection_is_below(snapshot, facts->category, root) || facts->total.samples == 0) continue;
    struct site_row *row = &table.row[table.count++];
    *row = row_of(facts, scaling);
    row->rank = rank_of(row, wishes->order);
    table.rank_sum += row->rank;
  }
  qsort(table.row, table.count, sizeof *table.row, compare_rows);
  free(scaling);
  *ret_table = table;
  return 0;
}

void site_table_free(struct site_table *table) {
  free(table->row);
  *table = (struct site_table){0};
}

static void add(struct estimate *to, const struct estimate *from) {
  to->samples += from->samples;
  to->blocks += from->blocks;
  to->bytes += from->bytes;
  to->variance += from->variance;
}

static void sum_up(const struct site_list *sites, struct scaling *scaling) {
  for (size_t i = 0; i < sites->count; i++) {
    const struct site_facts *site = &sites->site[i];
    add(&scaling->live[site->category], &site->live);
    add(&scaling->total[site->category], &site->total);
  }
}

static double scale_of(const struct estimate *estimate, uint64_t exact) {
  if (estimate->samples < SITE_TABLE_SAMPLES || estimate->bytes <= 0) return 0;
  double doubt = DEVIATIONS * sqrt(estimate->variance) + 1e-6 * (double)exact;
  return fabs((double)exact - estimate->bytes) <= doubt ? (double)exact / estimate->bytes : 0;
}

static struct site_row row_of(const struct site_facts *facts, const struct scaling *scaling) {
  double live = scaling->live_scale[facts->category], total = scaling->total_scale[facts->category];
  struct interval of_live = interval_of(facts->live.bytes, facts->live.variance),
                  of_total = interval_of(facts->total.bytes, facts->total.variance);
  double live_scale = live > 0 ? live : 1, total_scale = total > 0 ? total : 1;
  return (struct site_row){.facts = facts,
                           .live_bytes = facts->live.bytes * live_scale,
                           .live_blocks = facts->live.blocks * live_scale,
                           .total_bytes = facts->total.bytes * total_scale,
                           .total_blocks = facts->total.blocks * total_scale,
                           .live = {of_live.low * live_scale, of_live.high * live_scale},
                           .total = {of_total.low * total_scale, of_total.high * total_scale},
                           .is_scaled = live > 0};
}

static double rank_of(const struct site_row *row, enum site_order order) {
  switch (order) {
  case SITES_BY_LIVE:
    return row->live_bytes;
  case SITES_BY_TOTAL:
    return row->total_bytes;
  case SITES_BY_PEAK:
    return row->facts->at_process_peak_bytes;
  case SITES_BY_TEMPORARY:
    return row->facts->temporary_blocks;
  case SITES_BY_COUNT:
    return row->total_blocks;
  case SITES_BY_LIFETIME:
    return site_row_lifetime(row);
  }
  return 0;
}

/* Blocks of a class lived about as long as its middle, in the sense of factors. */
double site_row_lifetime(const struct site_row *row) {
  const struct site_facts *facts = row->facts;
  double middle = (double)RATION_LIFETIME_FIRST / 1e9 / sqrt(RATION_LIFETIME_FACTOR), sum = 0, blocks = 0;
  for (size_t i = 0; i < RATION_LIFETIMES; i++, middle *= RATION_LIFETIME_FACTOR) {
    sum += facts->lifetimes[i] * middle;
    blocks += facts->lifetimes[i];
  }
  return blocks > 0 ? sum / blocks : 0;
}

/* Of equal rank by what they have allocated, then as they were met. */
static int compare_rows(const void *a, const void *b) {
  const struct site_row *left = a, *right = b;
  if (left->rank != right->rank) return left->rank > right->rank ? -1 : 1;
  if (left->total_bytes != right->total_bytes) return left->total_bytes > right->total_bytes ? -1 : 1;
  return left->facts->row < right->facts->row ? -1 : left->facts->row > right->facts->row;
}
