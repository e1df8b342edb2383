/*
 * csv.c: lists of JSON as tables (RFC 4180): a line a row, the first with the names that JSON has; null is empty. Each row
 * begins with its process.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "export/everything.h"

static const char *const process_columns[] = {"pid", "program", "image"};
static const char *const category_columns[] = {"name",
                                               "live_bytes",
                                               "live_blocks",
                                               "peak_bytes",
                                               "peak_error_bytes",
                                               "allocations",
                                               "frees",
                                               "reallocations",
                                               "allocated_bytes",
                                               "requested_bytes",
                                               "refused",
                                               "growth_5m_bytes_per_hour",
                                               "growth_6h_bytes_per_hour",
                                               "subtree_live_bytes",
                                               "subtree_live_blocks",
                                               "subtree_peak_bytes",
                                               "subtree_peak_error_bytes",
                                               "subtree_allocations",
                                               "subtree_frees",
                                               "subtree_reallocations",
                                               "subtree_allocated_bytes",
                                               "subtree_requested_bytes",
                                               "subtree_refused",
                                               "subtree_growth_5m_bytes_per_hour",
                                               "subtree_growth_6h_bytes_per_hour"};
static const char *const site_columns[] = {"category",
                                           "live_bytes",
                                           "live_blocks",
                                           "total_bytes",
                                           "total_blocks",
                                           "peak_bytes",
                                           "at_process_peak_bytes",
                                           "at_category_peak_bytes",
                                           "average_bytes",
                                           "largest_bytes",
                                           "slack_bytes",
                                           "share",
                                           "temporary_blocks",
                                           "reallocations",
                                           "interval_low_bytes",
                                           "interval_high_bytes",
                                           "total_interval_low_bytes",
                                           "total_interval_high_bytes",
                                           "samples",
                                           "live_samples",
                                           "mean_lifetime_seconds",
                                           "scaled",
                                           "truncated",
                                           "incomplete",
                                           "frames"};
static const char *const timeline_columns[] = {"seconds", "category", "live_bytes"};

#define COLUMNS(table) (table), sizeof(table) / sizeof *(table)

typedef void row_writer(FILE *to, const json_t *process, const json_t *row);

static row_writer write_category, write_site, write_point;

/* What the rows of each kind are made from. */
static const struct rows {
  const char *list; /* in JSON */
  unsigned looks;   /* that it takes */
  const char *const *columns;
  size_t count;
  row_writer *write;
} rows_of[] = {
    [EXPORT_CATEGORIES] = {"categories", 0, COLUMNS(category_columns), write_category},
    [EXPORT_SITES] = {"sites", EVERYTHING_SITES, COLUMNS(site_columns), write_site},
    [EXPORT_TIMELINE] = {"timeline", EVERYTHING_TIMELINE, COLUMNS(timeline_columns), write_point},
};

static int load(const struct subject *subject, const struct export_wishes *wishes, unsigned looks,
                json_t **ret_root, struct fault *ret_fault);
static void write_heading(FILE *to, const struct rows *rows);
static void write_rows(FILE *to, const json_t *root, const struct rows *rows);
static void write_columns(FILE *to, const json_t *object, const char *const *columns, size_t count);
static void write_value(FILE *to, const json_t *value);
static void write_frames(FILE *to, const json_t *frames);
static void write_text(FILE *to, const char *text);
static void write_inside_quotes(FILE *to, const char *text);

int export_csv(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
               struct fault *ret_fault) {
  const struct rows *rows = &rows_of[wishes->rows];
  json_t *root;
  int error = load(subject, wishes, rows->looks, &root, ret_fault);
  if (error) return error;
  write_heading(to, rows);
  write_rows(to, root, rows);
  json_decref(root);
  return 0;
}

/* What JSON says goes into the table as it is, so that both say the same. */
static int load(const struct subject *subject, const struct export_wishes *wishes, unsigned looks,
                json_t **ret_root, struct fault *ret_fault) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  if (!stream) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  int error = everything_write(stream, subject, wishes, looks, ret_fault);
  bool is_written = !ferror(stream);
  is_written = fclose(stream) == 0 && is_written;
  *ret_root = !error && is_written ? json_loadb(text, size, 0, NULL) : NULL;
  if (!error && !*ret_root) error = fault_set(ret_fault, -ENOMEM, "not enough memory for its table");
  free(text);
  return error;
}

static void write_heading(FILE *to, const struct rows *rows) {
  for (size_t i = 0; i < sizeof process_columns / sizeof *process_columns; i++)
    fprintf(to, "%s,", process_columns[i]);
  for (size_t i = 0; i < rows->count; i++) fprintf(to, "%s%s", i ? "," : "", rows->columns[i]);
  fputs("\r\n", to);
}

static void write_rows(FILE *to, const json_t *root, const struct rows *rows) {
  const json_t *processes = json_object_get(root, "processes");
  for (size_t i = 0; i < json_array_size(processes); i++) {
    const json_t *process = json_array_get(processes, i), *list = json_object_get(process, rows->list);
    for (size_t at = 0; at < json_array_size(list); at++) rows->write(to, process, json_array_get(list, at));
  }
}

static void write_category(FILE *to, const json_t *process, const json_t *row) {
  write_columns(to, process, COLUMNS(process_columns));
  fputc(',', to);
  write_columns(to, row, COLUMNS(category_columns));
  fputs("\r\n", to);
}

static void write_site(FILE *to, const json_t *process, const json_t *row) {
  write_columns(to, process, COLUMNS(process_columns));
  fputc(',', to);
  write_columns(to, row, COLUMNS(site_columns));
  fputs("\r\n", to);
}

/* A point has a row for each category that had something. */
static void write_point(FILE *to, const json_t *process, const json_t *row) {
  json_t *categories = json_object_get(row, "categories");
  for (void *at = json_object_iter(categories); at; at = json_object_iter_next(categories, at)) {
    write_columns(to, process, COLUMNS(process_columns));
    fputc(',', to);
    write_value(to, json_object_get(row, "seconds"));
    fputc(',', to);
    write_text(to, json_object_iter_key(at));
    fputc(',', to);
    write_value(to, json_object_iter_value(at));
    fputs("\r\n", to);
  }
}

static void write_columns(FILE *to, const json_t *object, const char *const *columns, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i) fputc(',', to);
    write_value(to, json_object_get(object, columns[i]));
  }
}

static void write_value(FILE *to, const json_t *value) {
  if (json_is_string(value))
    write_text(to, json_string_value(value));
  else if (json_is_integer(value))
    fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  else if (json_is_real(value))
    fprintf(to, "%.15g", json_real_value(value));
  else if (json_is_boolean(value))
    fputs(json_is_true(value) ? "true" : "false", to);
  else if (json_is_array(value))
    write_frames(to, value);
}

/* "allocate_rows;parse;main": the innermost first, as in JSON; one without a name by its module and the offset in it. */
static void write_frames(FILE *to, const json_t *frames) {
  fputc('"', to);
  for (size_t i = 0; i < json_array_size(frames); i++) {
    const json_t *frame = json_array_get(frames, i);
    const char *function = json_string_value(json_object_get(frame, "function"));
    const char *module = json_string_value(json_object_get(frame, "module"));
    if (i) fputc(';', to);
    write_inside_quotes(to, function ? function : module ? module : "");
    if (function) continue;
    unsigned long long offset = (unsigned long long)json_integer_value(json_object_get(frame, "offset"));
    fprintf(to, "%s0x%llx", module ? "+" : "", offset);
  }
  fputc('"', to);
}

static void write_text(FILE *to, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, to);
    return;
  }
  fputc('"', to);
  write_inside_quotes(to, text);
  fputc('"', to);
}

static void write_inside_quotes(FILE *to, const char *text) {
  for (; *text; text++) {
    if (*text == '"') fputc('"', to);
    fputc(*text, to);
  }
}
