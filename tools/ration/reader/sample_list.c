/*
 * sample_list.c: the table of samples, as much of it as has been used; and a look for one of them.
 */
#include "reader/sample_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/facts.h"

#define STRETCH 8192 /* rows that are copied at once */

/* What is done with rows, one after another: returns 0 to go on. */
typedef int taker(void *context, const struct ration_segment_sample *row);

static int visit(const struct segment_file *file, const struct layout *layout, taker *take, void *context);
static int keep(void *context, const struct ration_segment_sample *row);
static int compare(void *context, const struct ration_segment_sample *row);
static int read_category(const struct segment_file *file, const struct layout *layout, uint32_t site,
                         uint32_t *ret_category);

/* A list that grows. */
struct growing {
  struct sample_list list;
  size_t room;
};

int sample_list_read(const struct segment_file *file, const struct layout *layout,
                     struct sample_list *ret_list) {
  struct growing growing = {0};
  int error = visit(file, layout, keep, &growing);
  if (error)
    sample_list_free(&growing.list);
  else
    *ret_list = growing.list;
  return error;
}

/* Of those that have been used. Returns 0, what `take` returned first, or what cannot be read. */
static int visit(const struct segment_file *file, const struct layout *layout, taker *take, void *context) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_SAMPLES];
  struct facts facts = {0};
  struct ration_segment_sample *rows = malloc(STRETCH * sizeof *rows);
  int error = rows ? facts_read(file, layout, &facts) : -ENOMEM;
  uint64_t count = facts.sample_count < table->rows ? facts.sample_count : table->rows;
  if (count > SAMPLE_LIST_MOST) count = SAMPLE_LIST_MOST;
  for (uint64_t first = 0; first < count && !error; first += STRETCH) {
    uint64_t left = count - first < STRETCH ? count - first : STRETCH;
    error = layout_copy_rows(file, table, first, left, rows, sizeof *rows);
    for (uint64_t i = 0; i < left && !error; i++)
      if (rows[i].address && rows[i].usable)
        error = take(context, &rows[i]); /* else free, or being written */
  }
  free(rows);
  return error;
}

int sample_list_read_path(const char *path, bool is_memfd, struct sample_list *ret_list,
                          struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  int error = layout_open(path, is_memfd, &file, &layout, ret_fault);
  if (error) return error;
  error = sample_list_read(&file, &layout, ret_list);
  if (error) fault_set(ret_fault, error, "its samples cannot be read");
  segment_file_close(&file);
  return error;
}

void sample_list_free(struct sample_list *list) {
  free(list->sample);
  *list = (struct sample_list){0};
}

static int keep(void *context, const struct ration_segment_sample *row) {
  struct growing *growing = context;
  struct sample_list *list = &growing->list;
  if (list->count == growing->room) {
    size_t more = growing->room ? 2 * growing->room : 1024;
    struct sample_facts *grown = realloc(list->sample, more * sizeof *grown);
    if (!grown) return -ENOMEM;
    list->sample = grown;
    growing->room = more;
  }
  uint64_t slack = row->slack < row->usable ? row->slack : row->usable;
  list->sample[list->count++] = (struct sample_facts){.address = row->address,
                                                      .usable_bytes = row->usable,
                                                      .requested_bytes = row->usable - slack,
                                                      .at = row->at,
                                                      .blocks = (double)row->weight / RATION_WEIGHT_ONE,
                                                      .site = row->site,
                                                      .thread = row->thread};
  return 0;
}

#define FOUND 1

/* The row with an address. */
struct wanted_row {
  uint64_t address;
  uint32_t site;
};

static int compare(void *context, const struct ration_segment_sample *row) {
  struct wanted_row *wanted = context;
  if (row->address != wanted->address) return 0;
  wanted->site = row->site;
  return FOUND;
}

int sample_list_category(const char *path, bool is_memfd, uint64_t address, uint32_t *ret_category,
                         struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  struct wanted_row wanted = {.address = address};
  int error = layout_open(path, is_memfd, &file, &layout, ret_fault);
  if (error) return error;
  error = visit(&file, &layout, compare, &wanted);
  if (error == 0) error = -ENOENT;
  if (error == FOUND) error = read_category(&file, &layout, wanted.site, ret_category);
  if (error) fault_set(ret_fault, error, "its block at that address has just gone, or come; ask again");
  segment_file_close(&file);
  return error;
}

static int read_category(const struct segment_file *file, const struct layout *layout, uint32_t site,
                         uint32_t *ret_category) {
  struct ration_segment_site row;
  int error = layout_copy_row(file, &layout->tables[RATION_TABLE_SITES], site, &row, sizeof row);
  if (!error) *ret_category = RATION_SITE_CATEGORY(row.key);
  return error;
}
