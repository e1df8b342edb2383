/*
 * site_list.c: rows of sites, and the words of their frames, each checked before it is used.
 *
 * Rows are read before the frames that they point to: what a row says of its frames was written before its key.
 */
#include "reader/site_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH 1024 /* rows that are copied at once */

/* A reading in progress. */
struct reading {
  const struct segment_file *file;
  struct layout layout;
  struct facts facts;
  struct peak_marks marks;
  uint32_t categories;
  uint64_t frame_count; /* words that were read */
  struct site_list list;
};

static int read_all(struct reading *reading);
static int read_marks(struct reading *reading);
static int read_rows(struct reading *reading, uint64_t taken);
static int read_frames(struct reading *reading);
static bool is_sound(const struct reading *reading, const struct ration_segment_site *row);
static void take_row(struct reading *reading, const struct ration_segment_site *row, uint32_t number);
static void take_frames(struct reading *reading);
static void add_up(struct site_list *list);

int site_list_read_path(const char *path, bool is_memfd, uint32_t categories, struct site_list *ret_list,
                        struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = site_list_read(&file, categories, ret_list, ret_fault);
  segment_file_close(&file);
  return error;
}

int site_list_read(const struct segment_file *file, uint32_t categories, struct site_list *ret_list,
                   struct fault *ret_fault) {
  struct reading reading = {.file = file, .categories = categories};
  int error = layout_read(file, &reading.layout, ret_fault);
  if (error) return error;
  error = read_all(&reading);
  if (!error) {
    *ret_list = reading.list;
    return 0;
  }
  site_list_free(&reading.list);
  if (error == -ENOMEM) return fault_set(ret_fault, error, "not enough memory to read its sites");
  return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
}

void site_list_free(struct site_list *list) {
  free(list->site);
  free(list->frames);
  free(list->number_of_row);
  module_list_free(&list->modules);
  *list = (struct site_list){0};
}

const struct site_facts *site_list_of_row(const struct site_list *list, uint32_t row) {
  uint32_t number = row < list->row_count ? list->number_of_row[row] : 0;
  return number ? &list->site[number - 1] : NULL;
}

/* Marks first: a peak that moves meanwhile is then a row's own affair. What rows point to, and what was lost, last. */
static int read_all(struct reading *reading) {
  int error = facts_read(reading->file, &reading->layout, &reading->facts);
  if (!error) error = read_marks(reading);
  if (!error) error = read_rows(reading, reading->facts.site_count);
  if (!error) error = facts_read(reading->file, &reading->layout, &reading->facts);
  if (!error) error = read_frames(reading);
  if (!error)
    error = module_list_read(reading->file, &reading->layout, reading->facts.module_count,
                             &reading->list.modules);
  if (error) return error;
  reading->list.facts = reading->facts;
  take_frames(reading);
  add_up(&reading->list);
  return 0;
}

static int read_marks(struct reading *reading) {
  uint16_t index[RATION_CATEGORY_IDS];
  int error = segment_file_copy(reading->file, offsetof(struct ration_segment_header, category_row), index,
                                sizeof index);
  for (uint32_t id = 1; id <= reading->categories && id < RATION_CATEGORY_IDS && !error; id++) {
    struct ration_segment_category row;
    error = layout_copy_row(reading->file, &reading->layout.tables[RATION_TABLE_CATEGORIES], index[id], &row,
                            sizeof row);
    if (error) break;
    reading->marks.category[id] = RATION_CHARGE_BYTES(row.own_peak);
    if (id == RATION_CATEGORY_TOTAL) reading->marks.process = RATION_CHARGE_BYTES(row.subtree_peak);
  }
  return error;
}

static int read_rows(struct reading *reading, uint64_t taken) {
  const struct layout_table *table = &reading->layout.tables[RATION_TABLE_SITES];
  struct site_list *list = &reading->list;
  uint64_t count = taken < table->rows ? taken : table->rows;
  if (count > SITE_LIST_MOST) count = SITE_LIST_MOST;
  list->row_count = (size_t)count;
  list->site = calloc(count + 1, sizeof *list->site);
  list->number_of_row = calloc(count + 1, sizeof *list->number_of_row);
  struct ration_segment_site *rows = malloc(STRETCH * sizeof *rows);
  int error = list->site && list->number_of_row && rows ? 0 : -ENOMEM;
  for (uint64_t first = 1; first < count && !error; first += STRETCH) {
    uint64_t left = count - first < STRETCH ? count - first : STRETCH;
    error = layout_copy_rows(reading->file, table, first, left, rows, sizeof *rows);
    for (uint64_t i = 0; i < left && !error; i++)
      if (is_sound(reading, &rows[i])) take_row(reading, &rows[i], (uint32_t)(first + i));
  }
  free(rows);
  return error;
}

static bool is_sound(const struct reading *reading, const struct ration_segment_site *row) {
  uint32_t category = RATION_SITE_CATEGORY(row->key);
  return row->key && category > 0 && category <= reading->categories &&
         RATION_SITE_FRAME_COUNT(row->key) <= RATION_SITE_FRAMES_MOST;
}

/* A sum that is below 0 for a moment, since what was taken away was seen, and not what it was taken from. */
static double blocks_of(uint64_t weight) {
  return (int64_t)weight < 0 ? 0 : (double)weight / RATION_WEIGHT_ONE;
}

static double bytes_of(uint64_t bytes) {
  return (int64_t)bytes < 0 ? 0 : (double)bytes;
}

static double double_of(uint64_t word) {
  double value;
  memcpy(&value, &word, sizeof value);
  return value >= 0 && value < 1e300 ? value : 0; /* not so of NaN either */
}

/* What the owner has counted, and what the others have. What has ended was read with it: see less. */
static struct ration_segment_site_sums sums_of(const struct ration_segment_site *row) {
  const uint64_t *own = &row->own.samples, *others = &row->others.samples;
  struct ration_segment_site_sums sums = {0};
  uint64_t *sum = &sums.samples;
  for (size_t i = 0; i < sizeof sums / sizeof *sum; i++) sum[i] = own[i] + others[i];
  return sums;
}

static double less(double all, double ended) {
  return all > ended ? all - ended : 0;
}

static struct estimate live_of(const struct ration_segment_site *row,
                               const struct ration_segment_site_sums *sums, double freed_blocks) {
  double variance = double_of(row->own.variance) + double_of(row->others.variance);
  double freed_variance = double_of(row->own.freed_variance) + double_of(row->others.freed_variance);
  uint64_t samples = sums->samples > sums->freed_samples ? sums->samples - sums->freed_samples : 0;
  double rounding = variance * 1e-12; /* what is left of a sum of doubles that has come back to 0 */
  double left = less(variance, freed_variance);
  return (struct estimate){.samples = samples,
                           .blocks = less(blocks_of(sums->blocks), freed_blocks),
                           .bytes = less(bytes_of(sums->bytes), bytes_of(sums->freed_bytes)),
                           .variance = left > rounding ? left : 0};
}

static void take_row(struct reading *reading, const struct ration_segment_site *row, uint32_t number) {
  struct site_list *list = &reading->list;
  struct site_facts *site = &list->site[list->count];
  struct ration_segment_site_sums sums = sums_of(row);
  *site = (struct site_facts){.category = RATION_SITE_CATEGORY(row->key),
                              .flags = RATION_SITE_FLAGS(row->key),
                              .frame_count = RATION_SITE_FRAME_COUNT(row->key),
                              .total = {sums.samples, blocks_of(sums.blocks), bytes_of(sums.bytes),
                                        double_of(row->own.variance) + double_of(row->others.variance)},
                              .peak_bytes = bytes_of(row->peak_bytes),
                              .slack_bytes = bytes_of(sums.slack_bytes),
                              .temporary_blocks = blocks_of(sums.temporary_blocks),
                              .reallocations = blocks_of(sums.reallocations),
                              .largest_bytes = row->largest_bytes,
                              .first_at = row->first_at,
                              .last_at = row->last_at,
                              .row = number};
  double freed_blocks = 0;
  for (size_t i = 0; i < RATION_LIFETIMES; i++) {
    site->lifetimes[i] = blocks_of(sums.lifetimes[i]);
    freed_blocks += site->lifetimes[i];
  }
  site->live = live_of(row, &sums, freed_blocks);
  const struct peak_marks *marks = &reading->marks;
  bool is_process_over = row->process_peak >= marks->process;
  bool is_category_over = row->category_peak >= marks->category[site->category];
  double live = site->live.bytes;
  site->at_process_peak_bytes = is_process_over ? bytes_of(row->at_process_peak_bytes) : live;
  site->at_category_peak_bytes = is_category_over ? bytes_of(row->at_category_peak_bytes) : live;
  if (site->peak_bytes < live) site->peak_bytes = live;
  site->frames = (const uint64_t *)(uintptr_t)RATION_SITE_FRAMES_AT(row->key); /* until take_frames */
  list->count++;
}

static int read_frames(struct reading *reading) {
  const struct layout_table *table = &reading->layout.tables[RATION_TABLE_FRAMES];
  uint64_t count = reading->facts.frame_count < table->rows ? reading->facts.frame_count : table->rows;
  if (count > SITE_LIST_FRAMES_MOST) count = SITE_LIST_FRAMES_MOST;
  reading->frame_count = count;
  reading->list.frames = malloc((count + 1) * sizeof *reading->list.frames);
  if (!reading->list.frames) return -ENOMEM;
  return layout_copy_rows(reading->file, table, 0, count, reading->list.frames, sizeof *reading->list.frames);
}

/* From numbers to places; a site whose frames are not there has none. Frames of equal modules become equal. */
static void take_frames(struct reading *reading) {
  struct site_list *list = &reading->list;
  for (uint64_t i = 0; i < reading->frame_count; i++) {
    uint32_t module = RATION_FRAME_MODULE(list->frames[i]);
    uint32_t same = module > 0 && module < list->modules.count ? list->modules.module[module].same : 0;
    list->frames[i] = (uint64_t)same << 48 | RATION_FRAME_ADDRESS(list->frames[i]);
  }
  for (size_t i = 0; i < list->count; i++) {
    struct site_facts *site = &list->site[i];
    uint64_t at = (uintptr_t)site->frames;
    if (at > reading->frame_count || site->frame_count > reading->frame_count - at) site->frame_count = 0;
    site->frames = list->frames + (site->frame_count ? at : 0);
  }
}

/* ---- rows of one site ----------------------------------------------------------------------------------- */

static int compare(const struct site_facts *a, const struct site_facts *b) {
  if (a->category != b->category) return a->category < b->category ? -1 : 1;
  if (a->flags != b->flags) return a->flags < b->flags ? -1 : 1;
  if (a->frame_count != b->frame_count) return a->frame_count < b->frame_count ? -1 : 1;
  return memcmp(a->frames, b->frames, a->frame_count * sizeof *a->frames);
}

static int compare_sites(const void *a, const void *b) {
  const struct site_facts *left = a, *right = b;
  int order = compare(left, right);
  return order ? order : left->row < right->row ? -1 : left->row > right->row;
}

static void add_estimate(struct estimate *to, const struct estimate *from) {
  to->samples += from->samples;
  to->blocks += from->blocks;
  to->bytes += from->bytes;
  to->variance += from->variance;
}

/* A sum of peaks is an upper bound; it can only be of one row that was made in vain, and so has none. */
static void add_site(struct site_facts *to, const struct site_facts *from) {
  add_estimate(&to->live, &from->live);
  add_estimate(&to->total, &from->total);
  to->peak_bytes += from->peak_bytes;
  to->at_process_peak_bytes += from->at_process_peak_bytes;
  to->at_category_peak_bytes += from->at_category_peak_bytes;
  to->slack_bytes += from->slack_bytes;
  to->temporary_blocks += from->temporary_blocks;
  to->reallocations += from->reallocations;
  for (size_t i = 0; i < RATION_LIFETIMES; i++) to->lifetimes[i] += from->lifetimes[i];
  if (to->largest_bytes < from->largest_bytes) to->largest_bytes = from->largest_bytes;
  if (to->first_at > from->first_at) to->first_at = from->first_at;
  if (to->last_at < from->last_at) to->last_at = from->last_at;
}

static void add_up(struct site_list *list) {
  qsort(list->site, list->count, sizeof *list->site, compare_sites);
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    struct site_facts *site = &list->site[i];
    bool is_same = kept > 0 && compare(&list->site[kept - 1], site) == 0;
    list->number_of_row[site->row] = (uint32_t)(is_same ? kept : kept + 1);
    if (is_same)
      add_site(&list->site[kept - 1], site);
    else
      list->site[kept++] = *site;
  }
  list->count = kept;
}
