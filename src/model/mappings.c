/*
 * mappings.c: binary search, and rows moved up and down. Most programs have some hundred mappings; the kernel lets none
 * have more than 65,530 (vm.max_map_count), as a rule.
 */
#include "model/mappings.h"

#include <string.h>

static size_t find(const struct mappings *mappings, uint64_t address);
static void open_gap(struct mappings *mappings, size_t at);
static void close_gap(struct mappings *mappings, size_t at, size_t rows);

void mappings_put(struct mappings *mappings, struct mapping mapping) {
  struct mapping *rows = mappings->rows;
  size_t at = find(mappings, mapping.start);
  int touches_below =
      at > 0 && rows[at - 1].end == mapping.start && rows[at - 1].category == mapping.category;
  int touches_above =
      at < mappings->count && rows[at].start == mapping.end && rows[at].category == mapping.category;
  if (touches_below && touches_above) {
    rows[at - 1].end = rows[at].end;
    close_gap(mappings, at, 1);
  } else if (touches_below) {
    rows[at - 1].end = mapping.end;
  } else if (touches_above) {
    rows[at].start = mapping.start;
  } else {
    open_gap(mappings, at);
    rows[at] = mapping;
  }
}

/* A hole in the middle of a row makes two of it. */
static struct mapping punch(struct mappings *mappings, size_t at, uint64_t start, uint64_t end) {
  struct mapping *rows = mappings->rows;
  struct mapping piece = {.start = start, .end = end, .category = rows[at].category};
  open_gap(mappings, at);
  rows[at] = rows[at + 1];
  rows[at].end = start;
  rows[at + 1].start = end;
  return piece;
}

size_t mappings_take(struct mappings *mappings, uint64_t start, uint64_t end, size_t most,
                     struct mapping ret_pieces[]) {
  struct mapping *rows = mappings->rows;
  size_t at = find(mappings, start), taken = 0;
  if (at < mappings->count && rows[at].start < start && rows[at].end > end) {
    ret_pieces[0] = punch(mappings, at, start, end);
    return 1;
  }
  if (at < mappings->count && rows[at].start < start) {
    ret_pieces[taken] = rows[at];
    ret_pieces[taken++].start = rows[at].end = start;
    at++;
  }
  size_t first = at;
  while (at < mappings->count && taken < most && rows[at].end <= end) ret_pieces[taken++] = rows[at++];
  close_gap(mappings, first, at - first);
  if (first < mappings->count && taken < most && rows[first].start < end) {
    ret_pieces[taken] = rows[first];
    ret_pieces[taken++].end = rows[first].start = end;
  }
  return taken;
}

uint32_t mappings_category(const struct mappings *mappings, uint64_t address) {
  size_t at = find(mappings, address);
  return at < mappings->count && mappings->rows[at].start <= address ? mappings->rows[at].category : 0;
}

/* The first row that ends above the address. */
static size_t find(const struct mappings *mappings, uint64_t address) {
  size_t low = 0, high = mappings->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (mappings->rows[middle].end <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void open_gap(struct mappings *mappings, size_t at) {
  struct mapping *row = &mappings->rows[at];
  memmove(row + 1, row, (mappings->count - at) * sizeof *row);
  mappings->count++;
}

static void close_gap(struct mappings *mappings, size_t at, size_t rows) {
  if (!rows) return;
  struct mapping *row = &mappings->rows[at];
  memmove(row, row + rows, (mappings->count - at - rows) * sizeof *row);
  mappings->count -= rows;
}

int mappings_is_valid(const struct mappings *mappings) {
  if (mappings->count > mappings->room) return 0;
  for (size_t i = 0; i < mappings->count; i++) {
    const struct mapping *row = &mappings->rows[i];
    if (row->start >= row->end || !row->category) return 0;
    if (i == 0) continue;
    if (row[-1].end > row->start) return 0;
    if (row[-1].end == row->start && row[-1].category == row->category) return 0;
  }
  return 1;
}
