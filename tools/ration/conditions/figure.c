/*
 * figure.c: the figures of five sources, as one list.
 */
#include "conditions/figure.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "config/duration.h"
#include "reader/selection.h"
#include "view/budget_view.h"
#include "view/category_view.h"

#define VALUE_BYTES 64 /* no value is longer */

/* Of lists, of which JSON has the rows. */
static const struct figure of_lists[] = {
    {.name = "leaks", .kind = FIELD_COUNT, .source = FIGURE_OF_SAMPLES},
    {.name = "subtree_leaks", .kind = FIELD_COUNT, .source = FIGURE_OF_SAMPLES},
    {.name = "accounted", .kind = FIELD_BYTES, .source = FIGURE_OF_ACCOUNTS},
    {.name = "subtree_accounted", .kind = FIELD_BYTES, .source = FIGURE_OF_ACCOUNTS},
    {.name = "held", .kind = FIELD_BYTES, .source = FIGURE_OF_PAGES},
    {.name = "subtree_held", .kind = FIELD_BYTES, .source = FIGURE_OF_PAGES},
};

static struct figure field_figure(const struct field *field, enum figure_source source);
static void call(struct figure *figure);
static int unknown(struct stretch name, struct fault *ret_fault);
static uint32_t find_category(const struct snapshot *snapshot, const char *name);
static int leaks_of(const struct figure *figure, const struct leak_count *leaks, uint32_t id,
                    uint64_t *ret_value);
static uint64_t accounted_of(const struct figure *figure, const struct snapshot *snapshot, uint32_t id);
static int held_of(const struct figure *figure, const struct snapshot *snapshot, uint32_t id,
                   uint64_t *ret_value);
static const char *expected(enum field_kind kind);
static int read_value(enum field_kind kind, const char *text, uint64_t *ret_value);

bool figure_at(size_t number, struct figure *ret_figure) {
  size_t categories = 0, budgets = 0;
  while (category_view_figure(categories)) categories++;
  while (budget_view_figure(budgets)) budgets++;
  if (number < categories + budgets) {
    *ret_figure = number < categories
                      ? field_figure(category_view_figure(number), FIGURE_OF_CATEGORY)
                      : field_figure(budget_view_figure(number - categories), FIGURE_OF_BUDGET);
    return true;
  }
  number -= categories + budgets;
  if (number >= sizeof of_lists / sizeof *of_lists) return false;
  *ret_figure = of_lists[number];
  call(ret_figure);
  return true;
}

int figure_find(struct stretch name, struct figure *ret_figure, struct fault *ret_fault) {
  struct figure figure;
  for (size_t i = 0; figure_at(i, &figure); i++) {
    struct stretch its = figure_name(&figure);
    if (its.count != name.count || memcmp(its.bytes, name.bytes, name.count) != 0) continue;
    *ret_figure = figure;
    return 0;
  }
  return unknown(name, ret_fault);
}

struct stretch figure_name(const struct figure *figure) {
  return stretch_of(figure->called);
}

bool figure_needs_leaks(const struct figure *figure) {
  return figure->source == FIGURE_OF_SAMPLES;
}

bool figure_needs_growth(const struct figure *figure) {
  return figure->kind == FIELD_RATE;
}

int figure_value(const struct figure *figure, const struct observation *observation, const char *category,
                 uint64_t *ret_value) {
  const struct process *process = observation->process;
  uint32_t id = find_category(&process->snapshot, category);
  if (id == 0) return -ENOENT;
  switch (figure->source) {
  case FIGURE_OF_CATEGORY:
    return category_view_value(figure->field, &process->snapshot, id, ret_value) ? 0 : -EDOM;
  case FIGURE_OF_BUDGET:
    return budget_view_value(figure->field, process, id, ret_value);
  case FIGURE_OF_SAMPLES:
    return leaks_of(figure, observation->leaks, id, ret_value);
  case FIGURE_OF_ACCOUNTS:
    *ret_value = accounted_of(figure, &process->snapshot, id);
    return 0;
  case FIGURE_OF_PAGES:
    return held_of(figure, &process->snapshot, id, ret_value);
  }
  return -ENODATA;
}

int figure_compare(enum field_kind kind, uint64_t a, uint64_t b) {
  if (kind == FIELD_RATE) return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
  return (a > b) - (a < b);
}

long double figure_real(enum field_kind kind, uint64_t value) {
  return kind == FIELD_RATE ? (long double)(int64_t)value : (long double)value;
}

struct words figure_words_exact(enum field_kind kind, uint64_t value) {
  struct words words = kind == FIELD_RATE ? units_more((int64_t)value) : units_count(value), exact;
  const char *unit = kind == FIELD_BYTES    ? " bytes"
                     : kind == FIELD_RATE   ? " bytes/h"
                     : kind == FIELD_LENGTH ? " ns"
                                            : "";
  snprintf(exact.chars, sizeof exact.chars, "%.36s%s", words.chars, unit);
  return exact;
}

struct words figure_words(enum field_kind kind, uint64_t value) {
  if (kind == FIELD_BYTES) return units_bytes(value);
  if (kind == FIELD_RATE) return units_rate((int64_t)value);
  return kind == FIELD_LENGTH ? units_length(value) : units_count(value);
}

int figure_read_value(enum field_kind kind, struct stretch text, uint64_t *ret_value,
                      struct fault *ret_fault) {
  char string[VALUE_BYTES];
  if (text.count < sizeof string) {
    memcpy(string, text.bytes, text.count);
    string[text.count] = 0;
    if (read_value(kind, string, ret_value) == 0) return 0;
  }
  return fault_set(ret_fault, -EINVAL, "`%.*s`: expected %s", STRETCH_SHOWN(text), expected(kind));
}

static struct figure field_figure(const struct field *field, enum figure_source source) {
  struct figure figure = {.name = field->name, .kind = field->kind, .source = source, .field = field};
  call(&figure);
  return figure;
}

/* Sizes and times of a category have no name but for the unit: `live`, `growth_5m_per_hour`. */
static void call(struct figure *figure) {
  static const char unit[] = "_bytes";
  struct text called = text_in(figure->called, sizeof figure->called);
  const char *at = strstr(figure->name, unit);
  size_t length = at ? (size_t)(at - figure->name) : strlen(figure->name);
  text_add_bytes(&called, figure->name, length);
  if (at) text_add(&called, at + sizeof unit - 1);
}

/* Plain names first, since those with `subtree_` are the same again. */
static int unknown(struct stretch name, struct fault *ret_fault) {
  char list[sizeof ret_fault->words - 96];
  struct text text = text_in(list, sizeof list);
  struct figure figure;
  for (size_t i = 0; figure_at(i, &figure); i++) {
    struct stretch its = figure_name(&figure);
    if (stretch_begins(its, "subtree_")) continue;
    if (text.used > 0) text_add(&text, ", ");
    text_add_bytes(&text, its.bytes, its.count);
  }
  return fault_set(ret_fault, -EINVAL, "no figure `%.*s`; there are %s, and most with subtree_ before them",
                   name.count < 30 ? (int)name.count : 30, name.bytes, list);
}

static uint32_t find_category(const struct snapshot *snapshot, const char *name) {
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    if (strcmp(snapshot->categories[id].name, name) == 0) return id;
  }
  return 0;
}

/* Of the root they are all of them, as all its plain figures are of the whole process. */
static bool is_own(const struct figure *figure, uint32_t id) {
  return !stretch_begins(stretch_of(figure->name), "subtree_") && id != RATION_CATEGORY_TOTAL;
}

static int leaks_of(const struct figure *figure, const struct leak_count *leaks, uint32_t id,
                    uint64_t *ret_value) {
  if (!leaks || !leaks->is_known) return -ENODATA;
  *ret_value = is_own(figure, id) ? leaks->own[id] : leaks->subtree[id];
  return 0;
}

static uint64_t accounted_of(const struct figure *figure, const struct snapshot *snapshot, uint32_t id) {
  uint64_t sum = 0;
  for (uint32_t of = id; of <= snapshot->category_count;
       of++) { /* children have higher ids than their parents */
    bool is_counted = is_own(figure, id) ? of == id : selection_is_below(snapshot, of, id);
    if (is_counted) sum += snapshot->accounts[of].live_bytes;
  }
  return sum;
}

static int held_of(const struct figure *figure, const struct snapshot *snapshot, uint32_t id,
                   uint64_t *ret_value) {
  struct holding_facts sum = {0};
  if (!snapshot->holdings.counted_at) return -EDOM;
  for (uint32_t of = id; of <= snapshot->category_count; of++) {
    bool is_counted = is_own(figure, id) ? of == id : selection_is_below(snapshot, of, id);
    if (is_counted) holding_facts_add(&sum, &snapshot->holdings.category[of]);
  }
  *ret_value = sum.held_bytes;
  return 0;
}

static const char *expected(enum field_kind kind) {
  if (kind == FIELD_BYTES) return "a size: bytes, or with K, M, G or T, like 512M";
  if (kind == FIELD_RATE) return "a size an hour, or, with a minus, one that it loses: like 1M, or -4K";
  return kind == FIELD_LENGTH ? "0, or a time from 1ms to 1000h, like 10s" : "a number, in digits alone";
}

static int read_value(enum field_kind kind, const char *text, uint64_t *ret_value) {
  struct fault fault;
  uint64_t value = 0;
  if (kind == FIELD_LENGTH && strcmp(text, "0") != 0) return duration_read(text, ret_value, &fault);
  bool is_size = kind == FIELD_BYTES || kind == FIELD_RATE, is_loss = kind == FIELD_RATE && text[0] == '-';
  if (is_loss) text++;
  size_t bytes = is_size ? text_read_size(text, &value) : text_read_decimal(text, &value);
  if (bytes == 0 || text[bytes] != 0 || (kind == FIELD_RATE && value > INT64_MAX)) return -EINVAL;
  *ret_value = is_loss ? 0 - value : value;
  return 0;
}
