/*
 * sample_list.c: the table of samples, whole; and a look for one of them, where segment.h says that it is.
 */
#include "reader/sample_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define STRETCH     8192 /* rows that are copied at once */
#define FIRST_ROWS  1024 /* of the first level; each further one has four times as many */
#define WINDOW_MOST 256

static int take_stretch(const struct ration_segment_sample *rows, uint64_t count, size_t *room,
                        struct sample_list *list);
static int find(const struct segment_file *file, const struct layout *layout, uint64_t address,
                struct ration_segment_sample *ret_row);
static int read_category(const struct segment_file *file, const struct layout *layout, uint32_t site,
                         uint32_t *ret_category);

int sample_list_read(const struct segment_file *file, const struct layout *layout,
                     struct sample_list *ret_list) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_SAMPLES];
  uint64_t count = table->rows < SAMPLE_LIST_MOST ? table->rows : SAMPLE_LIST_MOST;
  struct ration_segment_sample *rows = malloc(STRETCH * sizeof *rows);
  struct sample_list list = {0};
  size_t room = 0;
  int error = rows ? 0 : -ENOMEM;
  for (uint64_t first = 0; first < count && !error; first += STRETCH) {
    uint64_t left = count - first < STRETCH ? count - first : STRETCH;
    error = layout_copy_rows(file, table, first, left, rows, sizeof *rows);
    if (!error) error = take_stretch(rows, left, &room, &list);
  }
  free(rows);
  if (error)
    sample_list_free(&list);
  else
    *ret_list = list;
  return error;
}

int sample_list_read_path(const char *path, bool is_memfd, struct sample_list *ret_list,
                          struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = layout_read(&file, &layout, ret_fault);
  if (!error) {
    error = sample_list_read(&file, &layout, ret_list);
    if (error) fault_set(ret_fault, error, "its samples cannot be read");
  }
  segment_file_close(&file);
  return error;
}

void sample_list_free(struct sample_list *list) {
  free(list->sample);
  *list = (struct sample_list){0};
}

static int take_stretch(const struct ration_segment_sample *rows, uint64_t count, size_t *room,
                        struct sample_list *list) {
  for (uint64_t i = 0; i < count; i++) {
    const struct ration_segment_sample *row = &rows[i];
    if (!row->address || !row->usable) continue; /* free, or being written */
    if (list->count == *room) {
      size_t more = *room ? 2 * *room : 1024;
      struct sample_facts *grown = realloc(list->sample, more * sizeof *grown);
      if (!grown) return -ENOMEM;
      list->sample = grown;
      *room = more;
    }
    uint64_t slack = row->slack < row->usable ? row->slack : row->usable;
    list->sample[list->count++] = (struct sample_facts){.address = row->address,
                                                        .usable_bytes = row->usable,
                                                        .requested_bytes = row->usable - slack,
                                                        .at = row->at,
                                                        .blocks = (double)row->weight / RATION_WEIGHT_ONE,
                                                        .site = row->site,
                                                        .thread = row->thread};
  }
  return 0;
}

int sample_list_category(const char *path, bool is_memfd, uint64_t address, uint32_t *ret_category,
                         struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  struct ration_segment_sample row;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = layout_read(&file, &layout, ret_fault);
  if (!error) {
    error = find(&file, &layout, address, &row);
    if (!error) error = read_category(&file, &layout, row.site, ret_category);
    if (error) fault_set(ret_fault, error, "its block at that address has just gone, or come; ask again");
  }
  segment_file_close(&file);
  return error;
}

/* In each level all rows that its address may have, were its window the widest. */
static int find(const struct segment_file *file, const struct layout *layout, uint64_t address,
                struct ration_segment_sample *ret_row) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_SAMPLES];
  uint64_t rows = FIRST_ROWS;
  for (uint64_t first = 0; first < table->rows && rows <= table->rows - first; first += rows, rows *= 4) {
    uint64_t place = (hash_word(address) >> 32) * rows >> 32;
    for (uint64_t i = 0; i < WINDOW_MOST; i++) {
      int error = layout_copy_row(file, table, first + (place + i) % rows, ret_row, sizeof *ret_row);
      if (error) return error;
      if (ret_row->address == address && ret_row->usable) return 0;
    }
  }
  return -ENOENT;
}

static int read_category(const struct segment_file *file, const struct layout *layout, uint32_t site,
                         uint32_t *ret_category) {
  struct ration_segment_site row;
  int error = layout_copy_row(file, &layout->tables[RATION_TABLE_SITES], site, &row, sizeof row);
  if (!error) *ret_category = RATION_SITE_CATEGORY(row.key);
  return error;
}
