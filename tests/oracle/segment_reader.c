/*
 * segment_reader.c: the recipe "How to read" of ration/segment.h, step by step.
 */
#include "segment_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_segment(const char *folder, pid_t pid);
static int read_books(int descriptor, struct segment_books *books);
static int read_slabs(int descriptor, const struct ration_segment_table *table, struct segment_books *books,
                      uint64_t credit[RATION_CATEGORY_IDS]);

int segment_read(const char *folder, pid_t pid, struct segment_books *ret_books) {
  int descriptor = open_segment(folder, pid);
  if (descriptor < 0) return descriptor;
  memset(ret_books, 0, sizeof *ret_books);
  int result = read_books(descriptor, ret_books);
  close(descriptor);
  return result;
}

/* ration.NS.PID.START.N: the one with this PID. */
static int open_segment(const char *folder, pid_t pid) {
  char path[4096];
  int descriptor = -ENOENT;
  DIR *names = opendir(folder);
  if (!names) return -errno;
  for (struct dirent *name; (name = readdir(names));) {
    unsigned long space, start;
    unsigned owner, image;
    if (sscanf(name->d_name, "ration.%lu.%u.%lu.%u", &space, &owner, &start, &image) != 4) continue;
    if (owner != (unsigned)pid) continue;
    snprintf(path, sizeof path, "%s/%s", folder, name->d_name);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) descriptor = -errno;
  }
  closedir(names);
  return descriptor;
}

static int read_at(int descriptor, void *bytes, size_t count, uint64_t offset) {
  ssize_t read = pread(descriptor, bytes, count, (off_t)offset);
  return read == (ssize_t)count ? 0 : read < 0 ? -errno : -EIO;
}

static const struct ration_segment_table *table_of(const struct segment_books *books, uint32_t kind) {
  for (size_t i = 0; i < RATION_SEGMENT_TABLES; i++)
    if (books->header.tables[i].kind == kind) return &books->header.tables[i];
  return NULL;
}

static int read_categories(int descriptor, const struct ration_segment_table *table,
                           struct segment_books *books) {
  for (uint32_t id = 1; id < RATION_CATEGORY_IDS && books->header.category_row[id]; id++) {
    uint64_t row = books->header.category_row[id];
    if (row >= table->rows) return -EPROTO;
    int result = read_at(descriptor, &books->category[id], sizeof books->category[id],
                         table->offset + row * table->stride);
    if (result < 0) return result;
    books->last_id = id;
  }
  return 0;
}

static void settle(struct segment_books *books, const uint64_t credit[RATION_CATEGORY_IDS]) {
  uint64_t credit_below[RATION_CATEGORY_IDS] = {0};
  for (uint32_t id = books->last_id; id > 0; id--) { /* the ids of children are higher than their parent's */
    const struct ration_segment_category *category = &books->category[id];
    struct segment_figures *figures = &books->figures[id];
    credit_below[id] += credit[id];
    credit_below[category->parent] += credit_below[id];
    figures->live_bytes = RATION_CHARGE_BYTES(category->own_charged) - credit[id];
    figures->subtree_live_bytes = RATION_CHARGE_BYTES(category->subtree_charged) - credit_below[id];
    figures->live_blocks = figures->allocations - figures->frees;
    figures->peak_bytes = RATION_CHARGE_BYTES(category->own_peak);
    if (figures->peak_bytes > figures->allocated_bytes) figures->peak_bytes = figures->allocated_bytes;
    figures->peak_error_bytes = RATION_CHARGE_ALLOWANCE(category->own_peak);
  }
}

static int read_books(int descriptor, struct segment_books *books) {
  uint64_t credit[RATION_CATEGORY_IDS] = {0};
  int result = read_at(descriptor, &books->header, sizeof books->header, 0);
  if (result < 0) return result;
  if (books->header.magic != RATION_SEGMENT_MAGIC || books->header.version_major != RATION_SEGMENT_MAJOR)
    return -EPROTO;
  const struct ration_segment_table *categories = table_of(books, RATION_TABLE_CATEGORIES);
  const struct ration_segment_table *slabs = table_of(books, RATION_TABLE_SLABS);
  if (!categories || !slabs || books->header.slab_count > slabs->rows) return -EPROTO;
  result = read_categories(descriptor, categories, books);
  if (result == 0) result = read_slabs(descriptor, slabs, books, credit);
  if (result == 0) settle(books, credit);
  return result;
}

static int read_slabs(int descriptor, const struct ration_segment_table *table, struct segment_books *books,
                      uint64_t credit[RATION_CATEGORY_IDS]) {
  for (uint64_t number = 0; number < books->header.slab_count; number++) {
    struct ration_segment_slab slab;
    int result = read_at(descriptor, &slab, sizeof slab, table->offset + number * table->stride);
    if (result < 0) return result;
    for (uint32_t id = 1; id <= books->last_id; id++) {
      const struct ration_segment_tally *tally = &slab.u.tally[id];
      struct segment_figures *figures = &books->figures[id];
      credit[id] += tally->credit;
      figures->allocations += tally->allocations;
      figures->frees += tally->frees;
      figures->reallocations += tally->reallocations;
      figures->allocated_bytes += tally->allocated_bytes;
      figures->requested_bytes += tally->requested_bytes;
    }
  }
  return 0;
}
