/*
 * limits.c: raises the defaults, reads what the user says, and then sets what follows from both.
 */
#include "memory/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNNAMED SIZE_MAX /* pooled objects, until it is known that the text names none */

static char wrong[256]; /* the line of the last call */

static void raise_all(struct ration_limit *table, size_t creatures);
static int read_text(struct ration_limits *limits, const char *text);
static void describe(int error, const char *setting);
static int check(const struct ration_limits *limits);
static int set_pooled(struct ration_limits *limits);

int limits_fill(struct ration_limits *limits, struct ration_memory *memory, size_t creatures,
                const char *text, const char **ret_wrong) {
  struct ration_limit table[RATION_LIMITS_DEFAULTS];
  memset(limits, 0, sizeof *limits);
  snprintf(wrong, sizeof wrong, "limits: there is no memory for the table; raise --budget");
  *ret_wrong = wrong;
  if (creatures > LIMITS_CREATURES_MOST) {
    snprintf(wrong, sizeof wrong, "creatures: %zu are too many; give at most %zu", creatures,
             LIMITS_CREATURES_MOST);
    return -EINVAL;
  }
  memcpy(table, ration_limits_defaults, sizeof table);
  raise_all(table, creatures);
  int error = ration_limits_init(limits, memory, table, RATION_LIMITS_DEFAULTS);
  if (error) return error;
  if (text) error = read_text(limits, text);
  if (!error) error = set_pooled(limits);
  if (!error) error = check(limits);
  if (error) ration_limits_done(limits);
  return error;
}

static void at_least(struct ration_limit *limit, size_t least) {
  if (limit->maximum < least) limit->maximum = least;
}

static void raise_all(struct ration_limit *table, size_t creatures) {
  at_least(&table[RATION_LIMIT_ACTIVE_CREATURES], 2 * creatures);
  at_least(&table[RATION_LIMIT_CACHED_PATHS], creatures / 10);
  at_least(&table[RATION_LIMIT_SPATIAL_HASH_ENTRIES], 2 * creatures);
  at_least(&table[RATION_LIMIT_EVENTS], creatures / 2);
  at_least(&table[RATION_LIMIT_RENDER_COMMANDS], 2 * creatures);
  table[RATION_LIMIT_POOLED_OBJECTS].maximum = UNNAMED;
}

static int read_text(struct ration_limits *limits, const char *text) {
  size_t position = 0;
  int error = ration_limits_set_text(limits, text, &position);
  if (!error) return 0;
  while (position && text[position - 1] != ',') position--;
  if (!text[position]) position = 0; /* nothing behind a comma: all of it */
  describe(error, text + position);
  return error;
}

/* setting: NAME=N, which is wrong, and what may follow. */
static void describe(int error, const char *setting) {
  const char *end = error == -ENOENT ? "=," : ",";
  int length = (int)(strcspn(setting, end) < 60 ? strcspn(setting, end) : 60);
  if (error != -ENOENT) {
    const char *why =
        error == -EOVERFLOW ? "the number is too large" : "give NAME=N,... each N from 1 on, each name once";
    snprintf(wrong, sizeof wrong, "limits: %.*s: %s", length, setting, why);
    return;
  }
  size_t used = (size_t)snprintf(wrong, sizeof wrong, "limits: there is no %.*s; there are", length, setting);
  for (int i = 0; i < RATION_LIMITS_DEFAULTS && used < sizeof wrong; i++)
    used += (size_t)snprintf(wrong + used, sizeof wrong - used, " %s", ration_limits_defaults[i].name);
}

static int set_pooled(struct ration_limits *limits) {
  size_t least = ration_limits_defaults[RATION_LIMIT_POOLED_OBJECTS].maximum;
  size_t pages = (limits_maximum(limits, RATION_LIMIT_MEMORIES) - 1) / LIMITS_MEMORIES_A_PAGE + 1, all;
  if (limits_maximum(limits, RATION_LIMIT_POOLED_OBJECTS) != UNNAMED) return 0;
  if (__builtin_mul_overflow(limits_maximum(limits, RATION_LIMIT_ACTIVE_CREATURES), pages, &all) ||
      all > LIMITS_COLLECTION_MOST)
    all = LIMITS_COLLECTION_MOST;
  return ration_limits_set(limits, RATION_LIMIT_POOLED_OBJECTS, all > least ? all : least);
}

static size_t most_of(size_t index) {
  return index <= RATION_LIMIT_LEARNED_BEHAVIOURS ? LIMITS_OF_ONE_MOST : LIMITS_COLLECTION_MOST;
}

/* That what counts them has room for them. */
static int check(const struct ration_limits *limits) {
  for (size_t i = 0; i < RATION_LIMITS_DEFAULTS; i++) {
    size_t maximum = limits_maximum(limits, i);
    if (limits_may_be(i, maximum)) continue;
    snprintf(wrong, sizeof wrong, "limits: %s=%zu is too many; give at most %zu",
             ration_limits_defaults[i].name, maximum, most_of(i));
    return -EINVAL;
  }
  return 0;
}

int limits_may_be(size_t index, uint64_t maximum) {
  return maximum > 0 && maximum <= most_of(index);
}

size_t limits_maximum(const struct ration_limits *limits, size_t index) {
  struct ration_limit_figures figures;
  return ration_limits_stats(limits, index, &figures) ? 0 : figures.limit.maximum;
}
