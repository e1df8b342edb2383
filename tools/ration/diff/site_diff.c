/*
 * site_diff.c: rows by category and stack, sums, intervals, order.
 */
#include "diff/site_diff.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct row {
  struct site_change change;
  uint32_t *key; /* numbers of the category and of all frames */
  UT_hash_handle hh;
};

/* A diff that is being made. */
struct making {
  enum measure measure;
  struct frame_numbers *numbers;
  struct number_list key; /* of the site at hand */
  struct row *rows;
};

static int add_all(struct making *making, const struct sampled *sampled, const struct frame_side *frames,
                   bool is_after);
static int add_site(struct making *making, const struct sampled *sampled, const struct frame_side *frames,
                    const struct site_row *site, bool is_after);
static struct row *find_or_add(struct making *making, const char *category);
static int collect(struct making *making, const struct sampled *before, const struct sampled *after,
                   struct site_diff *ret_diff);
static void settle(struct site_side *side, double mean);
static enum change judge(const struct site_change *change);
static bool is_one_process(const struct process *a, const struct process *b);
static void forget(struct making *making);
static int compare_changes(const void *a, const void *b);

int site_diff_make(const struct sampled *before, const struct sampled *after, enum measure measure,
                   struct site_diff *ret_diff) {
  struct making making = {.measure = measure};
  struct frame_side sides[2] = {{.sites = before->sites, .symbols = before->symbols},
                                {.sites = after->sites, .symbols = after->symbols}};
  making.numbers = frame_numbers_new(is_one_process(before->process, after->process));
  int error = making.numbers ? frame_numbers_match(making.numbers, &sides[0], &sides[1]) : -ENOMEM;
  if (!error) error = add_all(&making, before, &sides[0], false);
  if (!error) error = add_all(&making, after, &sides[1], true);
  if (!error) error = collect(&making, before, after, ret_diff);
  frame_side_free(&sides[0]);
  frame_side_free(&sides[1]);
  forget(&making);
  return error;
}

void site_diff_free(struct site_diff *diff) {
  free(diff->site);
  *diff = (struct site_diff){0};
}

double site_diff_mean(const struct sampled *sampled) {
  uint64_t mean = sampled->process->snapshot.facts.sample_mean;
  if (mean > 0) return (double)mean;
  uint64_t samples = sampled->table->samples;
  return samples > 0 ? sampled->table->estimated_total_bytes / (double)samples : 0;
}

static int add_all(struct making *making, const struct sampled *sampled, const struct frame_side *frames,
                   bool is_after) {
  int error = 0;
  for (size_t i = 0; i < sampled->table->count && !error; i++)
    error = add_site(making, sampled, frames, &sampled->table->row[i], is_after);
  return error;
}

/*
 * Sites of one key are added up before anything is said of how far they may be off. Estimates as they are: scaled to the
 * books, a block that is a sample for certain would come out as another number in each run, and its interval, which has
 * no width, would not say so.
 */
static int add_site(struct making *making, const struct sampled *sampled, const struct frame_side *frames,
                    const struct site_row *site, bool is_after) {
  const struct site_facts *facts = site->facts;
  const char *category = sampled->process->snapshot.categories[facts->category].name;
  making->key.count = 0;
  int error = frame_numbers_add_text(making->numbers, category, &making->key);
  for (uint32_t i = 0; i < facts->frame_count && !error; i++)
    error = frame_numbers_add(making->numbers, frames, facts->frames[i], &making->key);
  struct row *row = error ? NULL : find_or_add(making, category);
  if (!row) return -ENOMEM;
  struct site_side *side = is_after ? &row->change.after : &row->change.before;
  const struct estimate *estimate = measure_estimate(making->measure, facts);
  if (!side->facts) side->facts = facts;
  side->samples += estimate->samples;
  side->bytes += estimate->bytes;
  side->variance += estimate->variance;
  return 0;
}

static struct row *find_or_add(struct making *making, const char *category) {
  const struct number_list *key = &making->key;
  size_t bytes = key->count * sizeof *key->number;
  struct row *row;
  HASH_FIND(hh, making->rows, key->number, bytes, row);
  if (row) return row;
  row = calloc(1, sizeof *row);
  if (row) row->key = malloc(bytes);
  if (!row || !row->key) {
    free(row);
    return NULL;
  }
  memcpy(row->key, key->number, bytes);
  row->change.category = category;
  HASH_ADD_KEYPTR(hh, making->rows, row->key, bytes, row);
  if (row->hh.tbl) return row;
  free(row->key);
  free(row); /* so uthash says that it has no memory */
  return NULL;
}

/* Of nothing on both sides nothing is said. */
static int collect(struct making *making, const struct sampled *before, const struct sampled *after,
                   struct site_diff *ret_diff) {
  struct site_diff diff = {.site = calloc(HASH_COUNT(making->rows) + 1, sizeof *diff.site)};
  double mean_before = site_diff_mean(before), mean_after = site_diff_mean(after);
  struct row *row, *next;
  if (!diff.site) return -ENOMEM;
  HASH_ITER(hh, making->rows, row, next) {
    if (row->change.before.samples == 0 && row->change.after.samples == 0) continue;
    settle(&row->change.before, mean_before);
    settle(&row->change.after, mean_after);
    row->change.change = judge(&row->change);
    diff.site[diff.count++] = row->change;
  }
  qsort(diff.site, diff.count, sizeof *diff.site, compare_changes);
  *ret_diff = diff;
  return 0;
}

static void settle(struct site_side *side, double mean) {
  side->interval = side->samples > 0 ? interval_of(side->bytes, side->variance) : interval_of_nothing(mean);
}

static enum change judge(const struct site_change *change) {
  const struct site_side *before = &change->before, *after = &change->after;
  if (after->interval.low > before->interval.high) return before->samples == 0 ? CHANGE_NEW : CHANGE_GROWN;
  if (after->interval.high < before->interval.low) return after->samples == 0 ? CHANGE_GONE : CHANGE_SHRUNK;
  return before->bytes == after->bytes ? CHANGE_NONE : CHANGE_UNCLEAR;
}

static bool is_one_process(const struct process *a, const struct process *b) {
  const struct place_name *left = &a->snapshot.name, *right = &b->snapshot.name;
  return left->pid == right->pid && left->start_ticks == right->start_ticks && left->image == right->image &&
         left->pid_namespace == right->pid_namespace;
}

/* The table first, then what stood in it. */
static void forget(struct making *making) {
  struct row *next = making->rows;
  if (next) HASH_CLEAR(hh, making->rows);
  while (next) {
    struct row *row = next;
    next = row->hh.next;
    free(row->key);
    free(row);
  }
  frame_numbers_free(making->numbers);
  free(making->key.number);
}

/* Equal ones by what they come to, then by their categories and their place in the segment. */
static int compare_changes(const void *a, const void *b) {
  const struct site_change *left = a, *right = b;
  bool is_left_clear = left->change != CHANGE_NONE && left->change != CHANGE_UNCLEAR;
  bool is_right_clear = right->change != CHANGE_NONE && right->change != CHANGE_UNCLEAR;
  if (is_left_clear != is_right_clear) return is_left_clear ? -1 : 1;
  double of_left = fabs(left->after.bytes - left->before.bytes);
  double of_right = fabs(right->after.bytes - right->before.bytes);
  if (of_left != of_right) return of_left > of_right ? -1 : 1;
  if (left->after.bytes != right->after.bytes) return left->after.bytes > right->after.bytes ? -1 : 1;
  int order = strcmp(left->category, right->category);
  if (order != 0) return order;
  const struct site_facts *of_one = left->after.facts ? left->after.facts : left->before.facts;
  const struct site_facts *of_other = right->after.facts ? right->after.facts : right->before.facts;
  return of_one->row < of_other->row ? -1 : of_one->row > of_other->row;
}
