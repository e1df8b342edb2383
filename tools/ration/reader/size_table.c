/*
 * size_table.c: live samples by their sites' categories, then the sums of all samples, which are no fewer by then.
 */
#include "reader/size_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/sample_list.h"
#include "reader/site_list.h"

#define NOT_LOOKED_AT UINT8_MAX /* no id of a category */

/* A reading in progress. */
struct reading {
  const struct segment_file *file;
  struct layout layout;
  uint32_t categories;
  uint8_t *category_of; /* by row of the sites; 0: of none */
  uint64_t sites;
  struct size_table table;
};

static int read_all(struct reading *reading);
static int add_live(struct reading *reading, const struct sample_list *samples);
static int find_category(struct reading *reading, uint32_t site, uint32_t *ret_category);
static int add_all(struct reading *reading);
static uint32_t class_of(uint64_t usable);
static double more(double a, double b);

int size_table_read_path(const char *path, bool is_memfd, uint32_t categories, struct size_table *ret_table,
                         struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = size_table_read(&file, categories, ret_table, ret_fault);
  segment_file_close(&file);
  return error;
}

int size_table_read(const struct segment_file *file, uint32_t categories, struct size_table *ret_table,
                    struct fault *ret_fault) {
  struct reading reading = {.file = file, .categories = categories};
  int error = layout_read(file, &reading.layout, ret_fault);
  if (error) return error;
  uint64_t sites = reading.layout.tables[RATION_TABLE_SITES].rows;
  reading.sites = sites < SITE_LIST_MOST ? sites : SITE_LIST_MOST;
  reading.category_of = malloc(reading.sites + 1);
  reading.table.category = calloc(categories + 1, sizeof *reading.table.category);
  error = reading.category_of && reading.table.category ? read_all(&reading) : -ENOMEM;
  free(reading.category_of);
  if (!error) {
    *ret_table = reading.table;
    return 0;
  }
  size_table_free(&reading.table);
  if (error == -ENOMEM) return fault_set(ret_fault, error, "not enough memory to read its sizes");
  return fault_set(ret_fault, -EBADMSG, "corrupted or shrinking: %s", strerror(-error));
}

void size_table_free(struct size_table *table) {
  free(table->category);
  *table = (struct size_table){0};
}

uint64_t size_table_up_to(uint32_t size_class) {
  return size_class + 1 < RATION_SIZE_CLASSES ? RATION_SIZE_UP_TO(size_class) : UINT64_MAX;
}

/* Nothing of a segment without the table: what lives in it says little by itself. */
static int read_all(struct reading *reading) {
  struct sample_list samples;
  reading->table.is_kept = reading->layout.tables[RATION_TABLE_SIZES].rows > 0;
  memset(reading->category_of, NOT_LOOKED_AT, reading->sites + 1);
  int error = reading->table.is_kept ? sample_list_read(reading->file, &reading->layout, &samples) : 0;
  if (reading->table.is_kept && !error) {
    error = add_live(reading, &samples);
    sample_list_free(&samples);
    if (!error) error = add_all(reading);
  }
  if (!error) error = facts_read(reading->file, &reading->layout, &reading->table.facts);
  return error;
}

static int add_live(struct reading *reading, const struct sample_list *samples) {
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample_facts *sample = &samples->sample[i];
    uint32_t category = 0;
    int error = find_category(reading, sample->site, &category);
    if (error) return error;
    if (category == 0) continue;
    struct size_figures *figures = &reading->table.category[category].of[class_of(sample->usable_bytes)];
    figures->live_blocks += sample->blocks;
    figures->live_bytes += sample->blocks * (double)sample->usable_bytes;
  }
  return 0;
}

/* 0: the site is none, or of a category that came later. */
static int find_category(struct reading *reading, uint32_t site, uint32_t *ret_category) {
  if (site >= reading->sites) return 0;
  if (reading->category_of[site] == NOT_LOOKED_AT) {
    uint64_t key;
    int error =
        layout_copy_row(reading->file, &reading->layout.tables[RATION_TABLE_SITES], site, &key, sizeof key);
    if (error) return error;
    uint32_t category = RATION_SITE_CATEGORY(key);
    reading->category_of[site] = category <= reading->categories ? (uint8_t)category : 0;
  }
  *ret_category = reading->category_of[site];
  return 0;
}

static int add_all(struct reading *reading) {
  const struct layout_table *table = &reading->layout.tables[RATION_TABLE_SIZES];
  for (uint32_t id = 1; id <= reading->categories; id++) {
    struct ration_segment_sizes row = {0};
    int error = id < table->rows ? layout_copy_row(reading->file, table, id, &row, sizeof row) : 0;
    if (error) return error;
    for (uint32_t i = 0; i < RATION_SIZE_CLASSES; i++) {
      struct size_figures *figures = &reading->table.category[id].of[i];
      const struct ration_segment_size_class *sums = &row.classes[i];
      double weights = (double)sums->own_blocks + (double)sums->blocks;
      figures->blocks = more(weights / RATION_WEIGHT_ONE, figures->live_blocks);
      figures->bytes = more((double)sums->own_bytes + (double)sums->bytes, figures->live_bytes);
    }
  }
  return 0;
}

/* Found by looking: this reader knows a class by its edge alone. */
static uint32_t class_of(uint64_t usable) {
  uint32_t first = 0, last = RATION_SIZE_CLASSES - 1;
  while (first < last) {
    uint32_t middle = (first + last) / 2;
    if (usable <= size_table_up_to(middle)) {
      last = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}

/* What lives was read first, and may since have come twice, in rows that changed meanwhile. */
static double more(double a, double b) {
  return a > b ? a : b;
}
