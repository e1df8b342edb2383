/*
 * mirror.c: an anonymous mapping, of which only the pages are there that were put; and copying in stretches.
 */
#include "record/mirror.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "recording/image.h"

#define STRETCH     65536
#define STRIDE_MOST 16384 /* a later version may have wider rows, but none that are read for minutes */

int mirror_open(const struct segment_file *file, const struct layout *layout, struct recording_writer *writer,
                bool is_kept, struct mirror *ret_mirror) {
  struct mirror mirror = {.file = *file, .layout = *layout, .writer = writer};
  uint64_t size = layout->header.segment_bytes;
  if (!image_may_have(size)) return -EBADMSG; /* a wild write into its header, say; none could be read back */
  if (is_kept) {
    void *bytes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) return -errno;
    mirror.bytes = bytes;
  }
  *ret_mirror = mirror;
  return 0;
}

int mirror_begin(struct mirror *mirror) {
  const struct ration_segment_header *header = &mirror->layout.header;
  struct place_name name = {.pid_namespace = header->pid_namespace,
                            .start_ticks = header->start_ticks,
                            .pid = header->pid,
                            .image = header->image};
  return recording_add_image(mirror->writer, &name, header->segment_bytes, &mirror->image);
}

void mirror_forget(struct mirror *mirror) {
  if (mirror->bytes) munmap(mirror->bytes, mirror->layout.header.segment_bytes);
  mirror->bytes = NULL;
}

void mirror_close(struct mirror *mirror) {
  mirror_forget(mirror);
  segment_file_close(&mirror->file);
}

const struct layout_table *mirror_table(const struct mirror *mirror, uint32_t kind) {
  return &mirror->layout.tables[kind];
}

const void *mirror_row(const struct mirror *mirror, const struct layout_table *table, uint64_t row) {
  if (!mirror->bytes || row >= table->rows) return NULL;
  return mirror->bytes + table->offset + row * table->stride;
}

void mirror_put(struct mirror *mirror, uint64_t offset, const void *now, size_t size) {
  unsigned char *kept = mirror->bytes ? mirror->bytes + offset : NULL;
  if (kept && memcmp(kept, now, size) == 0) return;
  recording_patch(mirror->writer, mirror->image, offset, kept, now, size); /* its errors stay in the writer */
  if (kept) memcpy(kept, now, size);
}

int mirror_copy(struct mirror *mirror, uint64_t offset, void *ret_bytes, size_t size) {
  mirror->read_bytes += size;
  return segment_file_copy(&mirror->file, offset, ret_bytes, size);
}

int mirror_take(struct mirror *mirror, uint64_t offset, uint64_t size) {
  static uint64_t room[STRETCH / sizeof(uint64_t)];
  int error = 0;
  for (uint64_t done = 0; done < size && !error; done += STRETCH) {
    size_t part = size - done < STRETCH ? (size_t)(size - done) : STRETCH;
    error = mirror_copy(mirror, offset + done, room, part);
    if (!error) mirror_put(mirror, offset + done, room, part);
  }
  return error;
}

int mirror_take_rows(struct mirror *mirror, uint32_t kind, uint64_t first, uint64_t end) {
  const struct layout_table *table = mirror_table(mirror, kind);
  if (end > table->rows) end = table->rows;
  if (first >= end) return 0;
  if (table->stride > STRIDE_MOST) return -EBADMSG;
  return mirror_take(mirror, table->offset + first * table->stride, (end - first) * table->stride);
}
