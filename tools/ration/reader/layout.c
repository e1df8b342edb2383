/*
 * layout.c: the second implementation of segment.h: what it promises about places and sizes, checked.
 */
#include "reader/layout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What this reader copies of a row; later minors may have wider ones. */
static const uint32_t row_bytes[LAYOUT_KINDS] = {
    [RATION_TABLE_CATEGORIES] = sizeof(struct ration_segment_category),
    [RATION_TABLE_SLABS] = sizeof(struct ration_segment_slab),
    [RATION_TABLE_PROCESS] = sizeof(struct ration_segment_process),
    [RATION_TABLE_CONTROL] = sizeof(struct ration_segment_control),
    [RATION_TABLE_ACCOUNTS] = sizeof(struct ration_segment_account),
    [RATION_TABLE_RANGES] = sizeof(struct ration_segment_range),
    [RATION_TABLE_RULES] = sizeof(struct ration_segment_rule),
    [RATION_TABLE_TEXT] = 1,
    [RATION_TABLE_BUDGETS] = sizeof(struct ration_segment_budget),
    [RATION_TABLE_REFUSALS] = sizeof(struct ration_segment_refusal),
    [RATION_TABLE_HANDLERS] = sizeof(struct ration_segment_handler),
    [RATION_TABLE_EVENTS] = sizeof(struct ration_segment_event),
    [RATION_TABLE_TIMELINE] = sizeof(struct ration_segment_strip),
    [RATION_TABLE_SITES] = sizeof(struct ration_segment_site),
    [RATION_TABLE_FRAMES] = sizeof(uint64_t),
    [RATION_TABLE_SITE_INDEX] = sizeof(uint64_t),
    [RATION_TABLE_SAMPLES] = sizeof(struct ration_segment_sample),
    [RATION_TABLE_MODULES] = sizeof(struct ration_segment_module),
    [RATION_TABLE_STREAM] = sizeof(struct ration_segment_event),
    [RATION_TABLE_SIZES] = sizeof(struct ration_segment_sizes),
    [RATION_TABLE_POOLS] = sizeof(struct ration_segment_pool),
    [RATION_TABLE_SAMPLE_INDEX] = sizeof(uint64_t),
    [RATION_TABLE_HOLDINGS] = sizeof(struct ration_segment_holding),
    [RATION_TABLE_CLASSES] = sizeof(struct ration_segment_holding),
};

/* RATION_SLABS_MOST bounds a reader's time, whatever a hostile header says: 256 MiB of holes are read in 0.1 s. */

static int check_version(const struct segment_file *file, const struct ration_segment_header *header,
                         struct fault *ret_fault);
static int check_sizes(const struct segment_file *file, const struct ration_segment_header *header,
                       struct fault *ret_fault);
static int check_tables(const struct ration_segment_header *header, struct layout *layout,
                        struct fault *ret_fault);
static int check_table(const struct ration_segment_header *header, const struct ration_segment_table *table,
                       struct fault *ret_fault);
static int take_table(const struct ration_segment_table *table, struct layout_table *taken,
                      struct fault *ret_fault);
static int check_words(const struct ration_segment_header *header, struct fault *ret_fault);
static bool has_end(const char *text, size_t size);

int layout_open(const char *path, bool is_memfd, struct segment_file *ret_file, struct layout *ret_layout,
                struct fault *ret_fault) {
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = layout_read(&file, ret_layout, ret_fault);
  if (error) {
    segment_file_close(&file);
  } else {
    *ret_file = file;
  }
  return error;
}

int layout_read(const struct segment_file *file, struct layout *ret_layout, struct fault *ret_fault) {
  struct layout layout;
  memset(&layout, 0, sizeof layout);
  struct ration_segment_header *header = &layout.header;
  size_t count = file->bytes < sizeof *header ? (size_t)file->bytes : sizeof *header;
  int error = segment_file_copy(file, 0, header, count);
  if (error) return fault_set(ret_fault, -EBADMSG, "cannot be read: %s", strerror(-error));

  error = check_version(file, header, ret_fault);
  if (!error) error = check_sizes(file, header, ret_fault);
  if (!error) error = check_tables(header, &layout, ret_fault);
  if (!error) error = check_words(header, ret_fault);
  if (error) return error;
  if (header->slab_count > layout.tables[RATION_TABLE_SLABS].rows || header->slab_count > RATION_SLABS_MOST) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: says that %u slabs are in use; nothing can be read",
                     header->slab_count);
  }
  *ret_layout = layout;
  return 0;
}

int layout_copy_row(const struct segment_file *file, const struct layout_table *table, uint64_t row,
                    void *ret_row, size_t bytes) {
  if (row >= table->rows || bytes > table->stride) return -ERANGE;
  return segment_file_copy(file, table->offset + row * table->stride, ret_row, bytes);
}

/* At once, where rows are no wider than what is wanted of them. */
int layout_copy_rows(const struct segment_file *file, const struct layout_table *table, uint64_t first,
                     uint64_t count, void *ret_rows, size_t bytes) {
  if (first > table->rows || count > table->rows - first) return -ERANGE;
  if (bytes == table->stride)
    return segment_file_copy(file, table->offset + first * bytes, ret_rows, count * bytes);
  int error = 0;
  for (uint64_t i = 0; i < count && !error; i++)
    error = layout_copy_row(file, table, first + i, (char *)ret_rows + i * bytes, bytes);
  return error;
}

/* Magic and version stand first, so that a reader can tell versions apart however the rest may change. */
static int check_version(const struct segment_file *file, const struct ration_segment_header *header,
                         struct fault *ret_fault) {
  size_t needed = offsetof(struct ration_segment_header, header_bytes);
  if (file->bytes >= needed && header->magic == 0) {
    return fault_set(
        ret_fault, -EAGAIN,
        "no ration segment, or one that is just being made (try again), or was when its process died");
  }
  if (file->bytes < needed || header->magic != RATION_SEGMENT_MAGIC) {
    return fault_set(ret_fault, -EBADMSG, "no ration segment; `ration list` shows the running ones");
  }
  if (header->version_major != RATION_SEGMENT_MAJOR) {
    return fault_set(
        ret_fault, -EPROTO,
        "a segment of version %u.%u, this ration reads version %d; use the ration of that version",
        header->version_major, header->version_minor, RATION_SEGMENT_MAJOR);
  }
  return 0;
}

static int check_sizes(const struct segment_file *file, const struct ration_segment_header *header,
                       struct fault *ret_fault) {
  if (file->bytes < sizeof *header) {
    return fault_set(ret_fault, -EBADMSG, "truncated: %llu bytes, a header alone has %zu; take a whole copy",
                     (unsigned long long)file->bytes, sizeof *header);
  }
  if (header->header_bytes < sizeof *header || header->header_bytes > header->segment_bytes) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: a header of %u bytes; nothing can be read",
                     header->header_bytes);
  }
  if (header->segment_bytes > file->bytes) {
    return fault_set(ret_fault, -EBADMSG, "truncated: %llu of %llu bytes; take a whole copy",
                     (unsigned long long)file->bytes, (unsigned long long)header->segment_bytes);
  }
  return 0;
}

static int check_tables(const struct ration_segment_header *header, struct layout *layout,
                        struct fault *ret_fault) {
  for (size_t i = 0; i < RATION_SEGMENT_TABLES; i++) {
    const struct ration_segment_table *table = &header->tables[i];
    if (table->kind == 0) continue;
    int error = check_table(header, table, ret_fault);
    bool is_known = table->kind < LAYOUT_KINDS;
    if (!error && is_known) error = take_table(table, &layout->tables[table->kind], ret_fault);
    if (error) return error;
  }
  return 0;
}

/* Whatever its kind: inside the file, behind the header, and aligned. */
static int check_table(const struct ration_segment_header *header, const struct ration_segment_table *table,
                       struct fault *ret_fault) {
  bool is_inside = table->offset >= header->header_bytes && table->offset <= header->segment_bytes &&
                   table->stride > 0 && table->offset % 8 == 0 && table->stride % 8 == 0 &&
                   table->rows <= (header->segment_bytes - table->offset) / table->stride;
  if (is_inside) return 0;
  return fault_set(ret_fault, -EBADMSG, "corrupted: table %u does not lie in the file; nothing can be read",
                   table->kind);
}

static int take_table(const struct ration_segment_table *table, struct layout_table *taken,
                      struct fault *ret_fault) {
  if (table->stride < row_bytes[table->kind] || taken->rows > 0) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: table %u has rows of %u bytes, or stands there twice",
                     table->kind, table->stride);
  }
  *taken = (struct layout_table){.offset = table->offset, .rows = table->rows, .stride = table->stride};
  return 0;
}

static int check_words(const struct ration_segment_header *header, struct fault *ret_fault) {
  const char *broken = NULL;
  if (header->pid == 0 || header->pid > INT32_MAX) broken = "pid";
  if (header->state < RATION_STATE_RUNNING || header->state > RATION_STATE_REPLACED) broken = "state";
  if (!has_end(header->program, sizeof header->program)) broken = "program";
  if (!has_end(header->allocator, sizeof header->allocator)) broken = "allocator";
  if (!has_end(header->shim_version, sizeof header->shim_version)) broken = "shim_version";
  if (!has_end(header->ignored, sizeof header->ignored)) broken = "ignored";
  if (!broken) return 0;
  return fault_set(ret_fault, -EBADMSG, "corrupted: its field `%s` makes no sense; nothing can be read",
                   broken);
}

static bool has_end(const char *text, size_t size) {
  return memchr(text, 0, size) != NULL;
}
