/*
 * mirror.h: what a recording holds of a segment so far: what is put in goes into the recording as far as it is new.
 *
 * The mirror is as large as the segment, and costs memory where something was put. Of a segment that is read only once,
 * since its process has ended, there is none. Errors of the writer are the writer's: it keeps them, and who asks for a
 * moment gets them.
 */
#ifndef RATION_TOOL_RECORD_MIRROR_H
#define RATION_TOOL_RECORD_MIRROR_H

#include "reader/layout.h"
#include "recording/writer.h"

struct mirror {
  struct segment_file file;
  struct layout layout; /* as it was when it was opened; the header's words change */
  struct recording_writer *writer;
  uint32_t image;
  unsigned char *bytes; /* NULL: nothing is kept */
  uint64_t read_bytes;  /* copied out of the segment in all */
};

/*
 * Takes over a file whose layout has been read; what is put is kept if it `is_kept`. Returns 0 or -errno, and then the
 * file is the caller's.
 */
int mirror_open(const struct segment_file *file, const struct layout *layout, struct recording_writer *writer,
                bool is_kept, struct mirror *ret_mirror);

/* Adds the image to the recording: what is put goes there. Returns 0, or the writer's error. */
int mirror_begin(struct mirror *mirror);

/* The memory alone; the file stays. */
void mirror_forget(struct mirror *mirror);
void mirror_close(struct mirror *mirror);

const struct layout_table *mirror_table(const struct mirror *mirror, uint32_t kind);

/* What is recorded of a table's row; NULL: nothing is kept. */
const void *mirror_row(const struct mirror *mirror, const struct layout_table *table, uint64_t row);

/* What is at `offset` is this now. offset and size are multiples of 8, inside the file. */
void mirror_put(struct mirror *mirror, uint64_t offset, const void *now, size_t size);

/* Copies that much of the segment. Returns 0 or -errno; so do the next. */
int mirror_copy(struct mirror *mirror, uint64_t offset, void *ret_bytes, size_t size);

/* Copies it, and puts it. */
int mirror_take(struct mirror *mirror, uint64_t offset, uint64_t size);

/* Rows `first` to `end`, not with it, as far as there are such; whole ones. */
int mirror_take_rows(struct mirror *mirror, uint32_t kind, uint64_t first, uint64_t end);

#endif
