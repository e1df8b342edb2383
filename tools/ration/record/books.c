/*
 * books.c: two rounds over the slabs: the frees of all, then the rest.
 */
#include "record/books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FREES_AT (offsetof(struct ration_segment_tally, frees) / sizeof(uint64_t))

static int take_slabs(struct mirror *mirror, const struct books *books, uint64_t *frees);
static int read_frees(struct mirror *mirror, const struct books *books, uint64_t *ret_frees);
static int take_categories(struct mirror *mirror, const struct books *books);

int books_begin(struct mirror *mirror, struct books *ret_books) {
  struct books books = {.categories = 0};
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_PROCESS);
  int error = mirror_copy(mirror, 0, &books.header, sizeof books.header);
  if (!error && table->rows) error = mirror_copy(mirror, table->offset, &books.process, sizeof books.process);
  if (error) return error;
  const struct layout *layout = &mirror->layout;
  uint32_t slabs = books.header.slab_count;
  if (books.header.magic != RATION_SEGMENT_MAGIC || slabs > RATION_SLABS_MOST ||
      slabs > layout->tables[RATION_TABLE_SLABS].rows)
    return -EBADMSG;
  uint32_t id = 1;
  while (id < RATION_CATEGORY_IDS && books.header.category_row[id]) id++;
  books.categories = id - 1;
  *ret_books = books;
  return 0;
}

int books_take(struct mirror *mirror, const struct books *books, bool is_at_rest) {
  uint64_t *frees = NULL;
  int error = 0;
  if (!is_at_rest) {
    frees = malloc(((size_t)books->header.slab_count * books->categories + 1) * sizeof *frees);
    error = frees ? read_frees(mirror, books, frees) : -ENOMEM;
  }
  if (!error) error = take_slabs(mirror, books, frees);
  free(frees);
  return error ? error : take_categories(mirror, books);
}

void books_put(struct mirror *mirror, const struct books *books) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_PROCESS);
  if (table->rows) mirror_put(mirror, table->offset, &books->process, sizeof books->process);
  mirror_put(mirror, 0, &books->header, sizeof books->header);
}

/* Each slab's tallies begin with its head. */
static size_t slab_bytes(const struct books *books) {
  return (books->categories + 1) * sizeof(struct ration_segment_tally);
}

static int read_frees(struct mirror *mirror, const struct books *books, uint64_t *ret_frees) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SLABS);
  struct ration_segment_tally tallies[RATION_CATEGORY_IDS];
  uint64_t *to = ret_frees;
  for (uint32_t slab = 0; slab < books->header.slab_count; slab++) {
    int error =
        mirror_copy(mirror, table->offset + (uint64_t)slab * table->stride, tallies, slab_bytes(books));
    if (error) return error;
    for (uint32_t id = 1; id <= books->categories; id++) *to++ = tallies[id].frees;
  }
  return 0;
}

/* frees: of all slabs, read before; NULL: none are. */
static int take_slabs(struct mirror *mirror, const struct books *books, uint64_t *frees) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SLABS);
  struct ration_segment_tally tallies[RATION_CATEGORY_IDS];
  for (uint32_t slab = 0; slab < books->header.slab_count; slab++) {
    uint64_t offset = table->offset + (uint64_t)slab * table->stride;
    int error = mirror_copy(mirror, offset, tallies, slab_bytes(books));
    if (error) return error;
    for (uint32_t id = 1; id <= books->categories && frees; id++) tallies[id].frees = *frees++;
    mirror_put(mirror, offset, tallies, slab_bytes(books));
  }
  return 0;
}

/* Their rows stand in the order in which they came, mostly: from the first to the last that is in use. */
static int take_categories(struct mirror *mirror, const struct books *books) {
  uint64_t last = 0;
  for (uint32_t id = 1; id <= books->categories; id++)
    if (books->header.category_row[id] > last) last = books->header.category_row[id];
  return mirror_take_rows(mirror, RATION_TABLE_CATEGORIES, 1, last + 1);
}
