/*
 * origins.c: what is to be read is marked; then it is read.
 */
#include "record/origins.h"

#include <errno.h>
#include <stdlib.h>

#include "reader/site_list.h"

#define STRETCH 64 /* rows of sites that are copied at once */

static int mark_changed(struct origins *origins, struct mirror *mirror, const struct books *books);
static void mark_all(struct origins *origins, const struct books *books);
static int take_modules(struct origins *origins, struct mirror *mirror, const struct books *books,
                        bool is_last);
static int take_sites(struct origins *origins, struct mirror *mirror);
static int take_site(struct origins *origins, struct mirror *mirror, uint64_t row,
                     const struct ration_segment_site *site);
static int take_frames(struct origins *origins, struct mirror *mirror, uint64_t key);
static int take_sizes(struct origins *origins, struct mirror *mirror);
static int keep_frames(struct origins *origins, const uint64_t *frames, size_t count);
static int compare(const void *a, const void *b);

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

int origins_open(const struct mirror *mirror, struct origins *ret_origins) {
  struct origins origins = {.stream = event_cursor_at_start(RATION_TABLE_STREAM), .modules = 1};
  uint64_t sites = least(mirror_table(mirror, RATION_TABLE_SITES)->rows, SITE_LIST_MOST);
  int error = marks_open(sites, &origins.sites);
  if (!error) error = marks_open(sites, &origins.known);
  if (!error)
    error = marks_open(least(mirror_table(mirror, RATION_TABLE_SIZES)->rows, RATION_CATEGORY_IDS),
                       &origins.sizes);
  if (error) {
    origins_close(&origins);
    return error;
  }
  *ret_origins = origins;
  return 0;
}

void origins_close(struct origins *origins) {
  marks_close(&origins->sites);
  marks_close(&origins->known);
  marks_close(&origins->sizes);
  free(origins->frames);
  origins->frames = NULL;
}

/*
 * Sites before modules: those that a row's frames name are there then. What was marked is read after the sample was
 * counted, since its event comes behind that.
 */
int origins_take(struct origins *origins, struct mirror *mirror, const struct books *books, bool is_last) {
  bool wants_all = is_last || !origins->has_looked;
  int error = wants_all ? 0 : mark_changed(origins, mirror, books);
  if (wants_all) mark_all(origins, books);
  if (!error) error = take_sites(origins, mirror);
  if (!error) error = take_sizes(origins, mirror);
  if (!error) error = take_modules(origins, mirror, books, is_last);
  if (error) return error;
  marks_clear(&origins->sites);
  marks_clear(&origins->sizes);
  if (!origins->has_looked) /* what had its ticket when the row was read was counted, and so has been read */
    origins->stream.next = origins->stream.delivered = books->process.stream_next;
  origins->has_looked = true;
  return 0;
}

size_t origins_settle(struct origins *origins) {
  size_t kept = 0;
  if (origins->frame_count) qsort(origins->frames, origins->frame_count, sizeof *origins->frames, compare);
  for (size_t i = 0; i < origins->frame_count; i++) {
    if (kept && origins->frames[kept - 1] == origins->frames[i]) continue;
    origins->frames[kept++] = origins->frames[i];
  }
  origins->frame_count = kept;
  return kept;
}

/* A process that takes no samples has a stream that stands still: it costs a look at the process's row. */
static int mark_changed(struct origins *origins, struct mirror *mirror, const struct books *books) {
  struct event_batch batch;
  struct fault fault;
  if (books->process.stream_next == origins->stream.next) return 0;
  int error = event_cursor_read(&origins->stream, &mirror->file, &batch, &fault);
  if (error) return error;
  for (size_t i = 0; i < batch.count; i++) {
    marks_add(&origins->sites, batch.event[i].detail);
    marks_add(&origins->sizes, batch.event[i].category);
  }
  if (batch.gap_count) mark_all(origins, books);
  event_batch_free(&batch);
  return 0;
}

static void mark_all(struct origins *origins, const struct books *books) {
  uint64_t sites = least(books->process.site_count, origins->sites.rows);
  for (uint64_t row = 1; row < sites; row++) marks_add(&origins->sites, row);
  for (uint32_t id = 1; id <= books->categories; id++) marks_add(&origins->sizes, id);
}

static int take_sites(struct origins *origins, struct mirror *mirror) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SITES);
  static struct ration_segment_site sites[STRETCH];
  uint64_t end = 0;
  for (uint64_t row = 0; (row = marks_next(&origins->sites, end, &end)) != UINT64_MAX;) {
    for (uint64_t count; row < end; row += count) {
      count = least(end - row, STRETCH);
      int error = layout_copy_rows(&mirror->file, table, row, count, sites, sizeof *sites);
      mirror->read_bytes += count * sizeof *sites;
      for (uint64_t i = 0; i < count && !error; i++) error = take_site(origins, mirror, row + i, &sites[i]);
      if (error) return error;
    }
  }
  return 0;
}

static int take_site(struct origins *origins, struct mirror *mirror, uint64_t row,
                     const struct ration_segment_site *site) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_SITES);
  if (!site->key) return 0;
  int error = marks_have(&origins->known, row) ? 0 : take_frames(origins, mirror, site->key);
  if (error) return error;
  marks_add(&origins->known, row);
  mirror_put(mirror, table->offset + row * table->stride, site, sizeof *site);
  return 0;
}

/* Frames that are not there: a reader will say so, too. */
static int take_frames(struct origins *origins, struct mirror *mirror, uint64_t key) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_FRAMES);
  uint64_t frames[RATION_SITE_FRAMES_MOST], at = RATION_SITE_FRAMES_AT(key);
  uint32_t count = RATION_SITE_FRAME_COUNT(key);
  if (table->stride != sizeof *frames || count > RATION_SITE_FRAMES_MOST || at > table->rows ||
      count > table->rows - at)
    return 0;
  uint64_t offset = table->offset + at * table->stride;
  int error = mirror_copy(mirror, offset, frames, count * sizeof *frames);
  if (error) return error;
  mirror_put(mirror, offset, frames, count * sizeof *frames);
  return keep_frames(origins, frames, count);
}

/* In order, as far as they are there: a row that is taken but not written yet is waited for, but not at the end. */
static int take_modules(struct origins *origins, struct mirror *mirror, const struct books *books,
                        bool is_last) {
  const struct layout_table *table = mirror_table(mirror, RATION_TABLE_MODULES);
  uint64_t end = least(books->process.module_count, table->rows);
  struct ration_segment_module module;
  for (uint64_t row = origins->modules; row < end; row++) {
    int error = layout_copy_row(&mirror->file, table, row, &module, sizeof module);
    if (error) return error;
    mirror->read_bytes += sizeof module;
    if (!module.start && !is_last) break;
    if (module.start) mirror_put(mirror, table->offset + row * table->stride, &module, sizeof module);
    origins->modules = row + 1;
  }
  return 0;
}

static int take_sizes(struct origins *origins, struct mirror *mirror) {
  uint64_t end = 0;
  int error = 0;
  for (uint64_t id = 0; !error && (id = marks_next(&origins->sizes, end, &end)) != UINT64_MAX;)
    error = mirror_take_rows(mirror, RATION_TABLE_SIZES, id, end);
  return error;
}

static int keep_frames(struct origins *origins, const uint64_t *frames, size_t count) {
  if (origins->frame_count + count > origins->frame_room) {
    origins_settle(origins);
    size_t room = 2 * (origins->frame_count + count) + 256;
    uint64_t *grown = realloc(origins->frames, room * sizeof *grown);
    if (!grown) return -ENOMEM;
    origins->frames = grown;
    origins->frame_room = room;
  }
  for (size_t i = 0; i < count; i++) origins->frames[origins->frame_count++] = frames[i];
  return 0;
}

static int compare(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}
