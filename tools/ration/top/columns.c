/*
 * columns.c: see columns.h.
 */
#include "top/columns.h"

#include <stdio.h>
#include <string.h>

#include "base/whole.h"
#include "view/field.h"
#include "view/pressure_words.h"

struct spec {
  const char *heading;
  unsigned width; /* the least, if it may have more */
  unsigned most;
  bool is_right;
  int by; /* enum order_by; -1: none */
};

#define NAME_LEAST   20
#define NAME_FIRST   36 /* that a name may have before there are more columns than these */
#define WANTED_FIRST 7
#define NAME_MOST    60

static const struct spec specs[COLUMNS_MOST] = {
    [COLUMN_NAME] = {"NAME", NAME_LEAST, NAME_MOST, false, ORDER_NAME},
    [COLUMN_LIVE] = {"LIVE", 9, 9, true, ORDER_LIVE},
    [COLUMN_PEAK] = {"PEAK", 9, 9, true, ORDER_PEAK},
    [COLUMN_BAR] = {"BUDGET", 10, 20, false, ORDER_USED},
    [COLUMN_USED] = {"USED", 5, 5, true, ORDER_USED},
    [COLUMN_LIMIT] = {"LIMIT", 9, 9, true, -1},
    [COLUMN_LEVEL] = {"LEVEL", 8, 8, false, -1},
    [COLUMN_ALLOCATIONS] = {"ALLOCS/s", 8, 8, true, ORDER_ALLOCATIONS},
    [COLUMN_FREES] = {"FREES/s", 8, 8, true, ORDER_FREES},
    [COLUMN_ALLOCATED] = {"BYTES/s", 9, 9, true, ORDER_ALLOCATED},
    [COLUMN_CHANGE] = {"CHANGE/s", 10, 10, true, ORDER_CHANGE},
    [COLUMN_GROWTH_5M] = {"GROWTH 5m", 12, 12, true, ORDER_GROWTH_5M},
    [COLUMN_GROWTH_6H] = {"GROWTH 6h", 12, 12, true, ORDER_GROWTH_6H},
    [COLUMN_BLOCKS] = {"BLOCKS", 11, 11, true, -1},
    [COLUMN_COURSE] = {"MINUTE", 10, COURSE_VALUES, false, -1},
};

/* Those that are wanted most first. */
static const enum column wanted[COLUMNS_MOST] = {
    COLUMN_NAME,        COLUMN_LIVE,   COLUMN_USED,      COLUMN_LEVEL,     COLUMN_BAR,
    COLUMN_ALLOCATIONS, COLUMN_COURSE, COLUMN_LIMIT,     COLUMN_CHANGE,    COLUMN_PEAK,
    COLUMN_GROWTH_5M,   COLUMN_FREES,  COLUMN_ALLOCATED, COLUMN_GROWTH_6H, COLUMN_BLOCKS};

static void widen_name(unsigned widths[COLUMNS_MOST], unsigned *left, unsigned wish);
static unsigned give(unsigned *left, unsigned wish);

void columns_lay_out(unsigned width, unsigned name_width, struct columns *ret_columns) {
  unsigned widths[COLUMNS_MOST] = {[COLUMN_NAME] = NAME_LEAST < width ? NAME_LEAST : width};
  unsigned left = width - widths[COLUMN_NAME];
  for (size_t i = 1; i < COLUMNS_MOST && left > specs[wanted[i]].width; i++) {
    if (i == WANTED_FIRST) widen_name(widths, &left, name_width < NAME_FIRST ? name_width : NAME_FIRST);
    if (left <= specs[wanted[i]].width) break;
    widths[wanted[i]] = specs[wanted[i]].width;
    left -= widths[wanted[i]] + 1;
  }
  widen_name(widths, &left, name_width < NAME_MOST ? name_width : NAME_MOST);
  if (widths[COLUMN_BAR]) widths[COLUMN_BAR] += give(&left, specs[COLUMN_BAR].most - widths[COLUMN_BAR]);
  if (widths[COLUMN_COURSE])
    widths[COLUMN_COURSE] += give(&left, specs[COLUMN_COURSE].most - widths[COLUMN_COURSE]);
  widths[COLUMN_NAME] += left;
  struct columns columns = {.count = 0};
  unsigned at = 0;
  for (size_t i = 0; i < COLUMNS_MOST; i++) {
    if (widths[i] == 0) continue;
    columns.placed[columns.count++] = (struct placed_column){(enum column)i, at, widths[i]};
    at += widths[i] + 1;
  }
  *ret_columns = columns;
}

static void widen_name(unsigned widths[COLUMNS_MOST], unsigned *left, unsigned wish) {
  if (wish > widths[COLUMN_NAME]) widths[COLUMN_NAME] += give(left, wish - widths[COLUMN_NAME]);
}

static unsigned give(unsigned *left, unsigned wish) {
  unsigned given = wish < *left ? wish : *left;
  *left -= given;
  return given;
}

const char *column_heading(enum column column) {
  return specs[column].heading;
}

bool column_is_right(enum column column) {
  return specs[column].is_right;
}

bool column_is_of(enum column column, enum order_by by) {
  return specs[column].by == (int)by && column != COLUMN_USED;
}

const char *columns_missing(const struct columns *columns, enum order_by by) {
  for (size_t i = 0; i < columns->count; i++)
    if (column_is_of(columns->placed[i].column, by)) return NULL;
  for (size_t i = 0; i < COLUMNS_MOST; i++)
    if (column_is_of((enum column)i, by)) return specs[i].heading;
  return NULL;
}

/* ---- what it says ---------------------------------------------------------------------------------------- */

static void put_bytes(uint64_t bytes, char ret_text[COLUMN_TEXT_BYTES]) {
  snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", units_bytes(bytes).chars);
}

/* Of what has happened between two looks; nothing is known of that at the first. */
static void put_rate(enum column column, const struct node *node, char ret_text[COLUMN_TEXT_BYTES]) {
  ret_text[0] = 0;
  if (!node->has_rates) return;
  if (column == COLUMN_ALLOCATED) {
    put_bytes(whole_of(node->allocated_bytes_per_second), ret_text);
  } else if (column == COLUMN_CHANGE) {
    snprintf(ret_text, COLUMN_TEXT_BYTES, "%s",
             units_growth(whole_signed_of(node->change_bytes_per_second)).chars);
  } else {
    column_count(column == COLUMN_FREES ? node->frees_per_second : node->allocations_per_second, ret_text);
  }
}

static void put_growth(int64_t growth, char ret_text[COLUMN_TEXT_BYTES]) {
  const char *words = growth == FIELD_UNKNOWN ? "-" : units_rate(growth).chars;
  snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", words);
}

/* Rounded down: 100 % is all of it. */
static void put_share(const struct node *node, char ret_text[COLUMN_TEXT_BYTES]) {
  ret_text[0] = 0;
  if (node->limit_bytes == 0) return;
  double share = (double)node->used_bytes / (double)node->limit_bytes * 100;
  snprintf(ret_text, COLUMN_TEXT_BYTES, share < 1000 ? "%.0f %%" : ">999%%",
           share < 1000 ? (double)(int)share : 0);
}

static void put_level(const struct node *node, char ret_text[COLUMN_TEXT_BYTES]) {
  ret_text[0] = 0;
  if (node->limit_bytes || node->level)
    snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", pressure_words_level(node->level));
}

void column_text(enum column column, const struct node *node, char ret_text[COLUMN_TEXT_BYTES]) {
  ret_text[0] = 0;
  switch (column) {
  case COLUMN_LIVE:
    put_bytes(node->live_bytes, ret_text);
    break;
  case COLUMN_PEAK:
    put_bytes(node->peak_bytes, ret_text);
    break;
  case COLUMN_USED:
    put_share(node, ret_text);
    break;
  case COLUMN_LIMIT:
    if (node->limit_bytes) put_bytes(node->limit_bytes, ret_text);
    break;
  case COLUMN_LEVEL:
    put_level(node, ret_text);
    break;
  case COLUMN_ALLOCATIONS:
  case COLUMN_FREES:
  case COLUMN_ALLOCATED:
  case COLUMN_CHANGE:
    put_rate(column, node, ret_text);
    break;
  case COLUMN_GROWTH_5M:
    put_growth(node->growth[0], ret_text);
    break;
  case COLUMN_GROWTH_6H:
    put_growth(node->growth[1], ret_text);
    break;
  case COLUMN_BLOCKS:
    snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", units_count(node->live_blocks).chars);
    break;
  default:
    break;
  }
}

void column_count(double count, char ret_text[COLUMN_TEXT_BYTES]) {
  static const char units[] = "kMGTPE";
  if (count < 99999.5) {
    snprintf(ret_text, COLUMN_TEXT_BYTES, "%s", units_count(whole_of(count)).chars);
    return;
  }
  size_t unit = 0;
  for (count /= 1000; count >= 999.5 && unit + 2 < sizeof units; unit++) count /= 1000;
  snprintf(ret_text, COLUMN_TEXT_BYTES, count < 99.95 ? "%.1f %c" : "%.0f %c", count, units[unit]);
}
