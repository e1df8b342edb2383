/*
 * limits.c: the answer to each question, its counters, and maxima that are set by name.
 *
 * Maxima and counters are words that any thread may change; each is of interest by itself, so that all are relaxed.
 */
#include <ration/kit/limits.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/atomics.h"

/* A cache line each: threads that ask of different limits do not meet. */
struct ration_limits_row {
  const char *name;
  size_t maximum;
  uint32_t policy;
  uint64_t allowed, refused, dropped, reported;
} __attribute__((aligned(64)));

#define LINE 64
_Static_assert(sizeof(struct ration_limits_row) == LINE, "a row is a cache line");

static int check_row(const struct ration_limit *table, size_t index);
static int answer_full(struct ration_limits *limits, size_t index, size_t held, size_t maximum);
static int read_setting(const struct ration_limits *limits, const char *text, size_t *place,
                        size_t *ret_index, size_t *ret_maximum);
static int read_number(const char *text, size_t *place, size_t *ret_number);
static int is_named_before(const struct ration_limits *limits, const char *text, size_t end, size_t index);

const struct ration_limit ration_limits_defaults[RATION_LIMITS_DEFAULTS] = {
    [RATION_LIMIT_MEMORIES] = {"memories", 100, RATION_LIMIT_DROP_OLDEST},
    [RATION_LIMIT_RELATIONSHIPS] = {"relationships", 50, RATION_LIMIT_REFUSE},
    [RATION_LIMIT_LEARNED_BEHAVIOURS] = {"learned_behaviours", 20, RATION_LIMIT_REFUSE},
    [RATION_LIMIT_ACTIVE_CREATURES] = {"active_creatures", 2000, RATION_LIMIT_REFUSE},
    [RATION_LIMIT_CACHED_PATHS] = {"cached_paths", 1000, RATION_LIMIT_DROP_OLDEST},
    [RATION_LIMIT_POOLED_OBJECTS] = {"pooled_objects", 10000, RATION_LIMIT_REFUSE},
    [RATION_LIMIT_SPATIAL_HASH_ENTRIES] = {"spatial_hash_entries", 100000, RATION_LIMIT_REFUSE},
    [RATION_LIMIT_EVENTS] = {"events", 10000, RATION_LIMIT_DROP_OLDEST},
    [RATION_LIMIT_RENDER_COMMANDS] = {"render_commands", 50000, RATION_LIMIT_REFUSE},
};

int ration_limits_add(struct ration_limits *limits, size_t index, size_t held) {
  if (!limits) return -EINVAL;
  if (index >= limits->count) return -ENOENT;
  struct ration_limits_row *row = &limits->rows[index];
  size_t maximum = load_relaxed(&row->maximum);
  if (held >= maximum) return answer_full(limits, index, held, maximum);
  add_relaxed(&row->allowed, 1);
  return 0;
}

static int answer_full(struct ration_limits *limits, size_t index, size_t held, size_t maximum) {
  struct ration_limits_row *row = &limits->rows[index];
  size_t over = held - maximum;
  int drop = over < INT_MAX ? (int)over + 1 : INT_MAX;
  switch (row->policy) {
  case RATION_LIMIT_DROP_OLDEST:
    add_relaxed(&row->dropped, (uint64_t)drop);
    return drop;
  case RATION_LIMIT_REPORT:
    add_relaxed(&row->reported, 1);
    if (limits->on_report) limits->on_report(limits->context, limits, index, held);
    return 0;
  default:
    add_relaxed(&row->refused, 1);
    return -ENOSPC;
  }
}

int ration_limits_init(struct ration_limits *limits, struct ration_memory *memory,
                       const struct ration_limit *table, size_t count) {
  if (!limits || !table || !count) return -EINVAL;
  if (count > INT_MAX) return -EOVERFLOW; /* find yields an int */
  for (size_t i = 0; i < count; i++)
    if (check_row(table, i)) return -EINVAL;
  struct ration_limits_row *rows = ration_memory_allocate_array(memory, count, sizeof *rows, LINE);
  if (!rows) return -errno;
  for (size_t i = 0; i < count; i++)
    rows[i] = (struct ration_limits_row){
        .name = table[i].name, .maximum = table[i].maximum, .policy = table[i].policy};
  *limits = (struct ration_limits){.rows = rows, .count = count, .memory = memory};
  return 0;
}

static int check_row(const struct ration_limit *table, size_t index) {
  const struct ration_limit *limit = &table[index];
  if (!limit->name || !*limit->name || strpbrk(limit->name, ",=") || !limit->maximum) return -EINVAL;
  if (limit->policy < RATION_LIMIT_REFUSE || limit->policy > RATION_LIMIT_REPORT) return -EINVAL;
  for (size_t i = 0; i < index; i++)
    if (!strcmp(table[i].name, limit->name)) return -EINVAL;
  return 0;
}

void ration_limits_done(struct ration_limits *limits) {
  if (!limits || !limits->rows) return;
  ration_memory_release(limits->memory, limits->rows, limits->count * sizeof *limits->rows, LINE);
  *limits = (struct ration_limits){.rows = NULL};
}

int ration_limits_on_report(struct ration_limits *limits, ration_limits_report on_report, void *context) {
  if (!limits || !limits->rows) return -EINVAL;
  limits->on_report = on_report;
  limits->context = context;
  return 0;
}

int ration_limits_set(struct ration_limits *limits, size_t index, size_t maximum) {
  if (!limits || !maximum) return -EINVAL;
  if (index >= limits->count) return -ENOENT;
  store_relaxed(&limits->rows[index].maximum, maximum);
  return 0;
}

/* ---- by name --------------------------------------------------------------------------------------------------- */

static int find(const struct ration_limits *limits, const char *name, size_t length) {
  for (size_t i = 0; i < limits->count; i++)
    if (!strncmp(limits->rows[i].name, name, length) && !limits->rows[i].name[length]) return (int)i;
  return -ENOENT;
}

int ration_limits_find(const struct ration_limits *limits, const char *name) {
  return limits && name ? find(limits, name, strlen(name)) : -EINVAL;
}

/* Read twice: what is wrong is found before anything is set. */
int ration_limits_set_text(struct ration_limits *limits, const char *text, size_t *ret_position) {
  if (!limits || !limits->rows || !text) return -EINVAL;
  for (int is_setting = 0; is_setting < 2; is_setting++) {
    size_t place = 0, index, maximum;
    while (text[place]) {
      int error = read_setting(limits, text, &place, &index, &maximum);
      if (error && ret_position) *ret_position = place;
      if (error) return error;
      if (is_setting) ration_limits_set(limits, index, maximum);
    }
  }
  return 0;
}

/* One NAME=MAXIMUM, and the comma behind it; or where the error is in *place. */
static int read_setting(const struct ration_limits *limits, const char *text, size_t *place,
                        size_t *ret_index, size_t *ret_maximum) {
  size_t length = strcspn(text + *place, ",=");
  int index = find(limits, text + *place, length);
  if (!length) return -EINVAL;
  if (index < 0) return index;
  if (is_named_before(limits, text, *place, (size_t)index)) return -EINVAL;
  *place += length;
  if (text[*place] != '=') return -EINVAL;
  ++*place;
  int error = read_number(text, place, ret_maximum);
  if (error) return error;
  if (text[*place] == ',' && text[*place + 1])
    ++*place;
  else if (text[*place])
    return -EINVAL;
  *ret_index = (size_t)index;
  return 0;
}

static int read_number(const char *text, size_t *place, size_t *ret_number) {
  size_t begin = *place, end = begin, number = 0;
  for (; text[end] >= '0' && text[end] <= '9'; end++)
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, (size_t)(text[end] - '0'), &number))
      return -EOVERFLOW;
  if (!number) return -EINVAL; /* none, or 0 */
  *place = end;
  *ret_number = number;
  return 0;
}

/* Is that limit among the settings of text up to `end`, which are right? */
static int is_named_before(const struct ration_limits *limits, const char *text, size_t end, size_t index) {
  for (size_t place = 0; place < end;) {
    if (find(limits, text + place, strcspn(text + place, "=")) == (int)index) return 1;
    place += strcspn(text + place, ",") + 1;
  }
  return 0;
}

int ration_limits_stats(const struct ration_limits *limits, size_t index,
                        struct ration_limit_figures *ret_figures) {
  if (!limits || !ret_figures) return -EINVAL;
  if (index >= limits->count) return -ENOENT;
  const struct ration_limits_row *row = &limits->rows[index];
  struct ration_limit limit = {
      .name = row->name, .maximum = load_relaxed(&row->maximum), .policy = row->policy};
  *ret_figures = (struct ration_limit_figures){.limit = limit,
                                               .allowed = load_relaxed(&row->allowed),
                                               .refused = load_relaxed(&row->refused),
                                               .dropped = load_relaxed(&row->dropped),
                                               .reported = load_relaxed(&row->reported)};
  return 0;
}

int ration_limits_is_valid(const struct ration_limits *limits) {
  if (!limits || !limits->rows) return 0;
  for (size_t i = 0; i < limits->count; i++) {
    const struct ration_limits_row *row = &limits->rows[i];
    if (!row->name || !load_relaxed(&row->maximum) || find(limits, row->name, strlen(row->name)) != (int)i)
      return 0;
    if ((row->policy != RATION_LIMIT_REFUSE && load_relaxed(&row->refused)) ||
        (row->policy != RATION_LIMIT_DROP_OLDEST && load_relaxed(&row->dropped)) ||
        (row->policy != RATION_LIMIT_REPORT && load_relaxed(&row->reported)))
      return 0;
  }
  return limits->count != 0;
}
