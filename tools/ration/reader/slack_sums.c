/*
 * slack_sums.c: of a sample what it adds, of its site the category alone. Samples are read before sites: the site of each is
 * there by then.
 */
#include "reader/slack_sums.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/sample_list.h"
#include "reader/site_list.h"

#define STRETCH 256 /* rows of sites that are copied at once */

static int read_sums(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                     struct slack_sums *ret_sums);
static int read_categories(const struct segment_file *file, const struct layout *layout,
                           uint8_t *ret_categories, uint64_t count);

int slack_sums_read(const char *path, bool is_memfd, uint32_t categories, struct slack_sums *ret_sums,
                    struct fault *ret_fault) {
  struct segment_file file;
  struct layout layout;
  int error = layout_open(path, is_memfd, &file, &layout, ret_fault);
  if (error) return error;
  error = read_sums(&file, &layout, categories, ret_sums);
  if (error) fault_set(ret_fault, error, "its samples cannot be read: %s", strerror(-error));
  segment_file_close(&file);
  return error;
}

static int read_sums(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                     struct slack_sums *ret_sums) {
  struct sample_list samples;
  struct facts facts;
  memset(ret_sums, 0, sizeof *ret_sums);
  int error = sample_list_read(file, layout, &samples);
  if (error) return error;
  error = facts_read(file, layout, &facts);
  uint64_t rows = layout->tables[RATION_TABLE_SITES].rows;
  uint64_t count = error ? 0 : facts.site_count < rows ? facts.site_count : rows;
  if (count > SITE_LIST_MOST) count = SITE_LIST_MOST;
  uint8_t *category_of = samples.count > 0 ? calloc(count + 1, 1) : NULL;
  if (!error && samples.count > 0)
    error = category_of ? read_categories(file, layout, category_of, count) : -ENOMEM;
  for (size_t i = 0; !error && i < samples.count; i++) {
    const struct sample_facts *sample = &samples.sample[i];
    uint32_t category = sample->site < count ? category_of[sample->site] : 0;
    if (category > 0 && category <= categories)
      ret_sums->bytes[category] += sample->blocks * (double)(sample->usable_bytes - sample->requested_bytes);
  }
  free(category_of);
  sample_list_free(&samples);
  return error;
}

/* By row; 0: of none. Row 0 is no site. */
static int read_categories(const struct segment_file *file, const struct layout *layout,
                           uint8_t *ret_categories, uint64_t count) {
  const struct layout_table *table = &layout->tables[RATION_TABLE_SITES];
  struct ration_segment_site rows[STRETCH];
  int error = 0;
  for (uint64_t first = 1; first < count && !error; first += STRETCH) {
    uint64_t left = count - first < STRETCH ? count - first : STRETCH;
    error = layout_copy_rows(file, table, first, left, rows, sizeof *rows);
    for (uint64_t i = 0; i < left && !error; i++)
      if (rows[i].key) ret_categories[first + i] = (uint8_t)RATION_SITE_CATEGORY(rows[i].key);
  }
  return error;
}
