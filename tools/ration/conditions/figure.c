/*
 * figure.c: the figures of three sources, as one list.
 */
#include "conditions/figure.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "config/duration.h"
#include "view/budget_view.h"
#include "view/category_view.h"

#define VALUE_BYTES 64 /* no value is longer */

static const struct figure of_samples[] = {
    {.name = "leaks", .kind = FIELD_COUNT, .source = FIGURE_OF_SAMPLES},
    {.name = "subtree_leaks", .kind = FIELD_COUNT, .source = FIGURE_OF_SAMPLES},
};

static int unknown(struct stretch name, struct fault *ret_fault);
static uint32_t find_category(const struct snapshot *snapshot, const char *name);
static int leaks_of(const struct figure *figure, const struct leak_count *leaks, uint32_t id,
                    uint64_t *ret_value);
static const char *expected(enum field_kind kind);
static int read_value(enum field_kind kind, const char *text, uint64_t *ret_value);

bool figure_at(size_t number, struct figure *ret_figure) {
  size_t categories = 0, budgets = 0;
  while (category_view_figure(categories)) categories++;
  while (budget_view_figure(budgets)) budgets++;
  if (number < categories + budgets) {
    bool is_budget = number >= categories;
    const struct field *field =
        is_budget ? budget_view_figure(number - categories) : category_view_figure(number);
    *ret_figure = (struct figure){.name = field->name,
                                  .kind = field->kind,
                                  .source = is_budget ? FIGURE_OF_BUDGET : FIGURE_OF_CATEGORY,
                                  .field = field};
    return true;
  }
  number -= categories + budgets;
  if (number >= sizeof of_samples / sizeof *of_samples) return false;
  *ret_figure = of_samples[number];
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
  struct stretch name = stretch_of(figure->name);
  const size_t unit = sizeof "_bytes" - 1;
  bool has_unit = name.count > unit && memcmp(name.bytes + name.count - unit, "_bytes", unit) == 0;
  if (has_unit) name.count -= unit;
  return name;
}

int figure_value(const struct figure *figure, const struct observation *observation, const char *category,
                 uint64_t *ret_value) {
  const struct process *process = observation->process;
  uint32_t id = find_category(&process->snapshot, category);
  if (id == 0) return -ENOENT;
  switch (figure->source) {
  case FIGURE_OF_CATEGORY:
    *ret_value = category_view_value(figure->field, &process->snapshot, id);
    return 0;
  case FIGURE_OF_BUDGET:
    return budget_view_value(figure->field, process, id, ret_value) ? 0 : -ENODATA;
  case FIGURE_OF_SAMPLES:
    return leaks_of(figure, observation->leaks, id, ret_value);
  }
  return -ENODATA;
}

struct words figure_words(enum field_kind kind, uint64_t value) {
  if (kind == FIELD_BYTES) return units_bytes(value);
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

/* Plain names first, since those with `subtree_` are the same again. */
static int unknown(struct stretch name, struct fault *ret_fault) {
  char list[256];
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
static int leaks_of(const struct figure *figure, const struct leak_count *leaks, uint32_t id,
                    uint64_t *ret_value) {
  if (!leaks || !leaks->is_known) return -ENODATA;
  bool is_own = figure == &of_samples[0] || strcmp(figure->name, of_samples[0].name) == 0;
  *ret_value = is_own && id != RATION_CATEGORY_TOTAL ? leaks->own[id] : leaks->subtree[id];
  return 0;
}

static const char *expected(enum field_kind kind) {
  if (kind == FIELD_BYTES) return "a size: bytes, or with K, M, G or T, like 512M";
  return kind == FIELD_LENGTH ? "0, or a time from 1ms to 1000h, like 10s" : "a number, in digits alone";
}

static int read_value(enum field_kind kind, const char *text, uint64_t *ret_value) {
  struct fault fault;
  uint64_t value = 0;
  if (kind == FIELD_LENGTH && strcmp(text, "0") != 0) return duration_read(text, ret_value, &fault);
  size_t bytes = kind == FIELD_BYTES ? text_read_size(text, &value) : text_read_decimal(text, &value);
  if (bytes == 0 || text[bytes] != 0) return -EINVAL;
  *ret_value = value;
  return 0;
}
