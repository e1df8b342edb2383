/*
 * layout.h: where things lie in one segment: its header, checked, and its tables.
 *
 * After layout_read() the numbers here can be relied on: each table lies inside the file with all its rows,
 * rows are at least as large as this reader's structs, slab_count is no more than there are slabs, and the
 * texts of the header end.
 */
#ifndef RATION_TOOL_READER_LAYOUT_H
#define RATION_TOOL_READER_LAYOUT_H

#include <ration/segment.h>

#include "reader/segment_file.h"

struct layout_table {
  uint64_t offset;
  uint64_t rows;
  uint32_t stride;
};

#define LAYOUT_KINDS (RATION_TABLE_CLASSES + 1) /* of table, as this reader knows them */

struct layout {
  struct ration_segment_header header;
  struct layout_table tables[LAYOUT_KINDS]; /* by RATION_TABLE_*; 0 rows: an older segment, without it */
};

/*
 * Returns 0; -EAGAIN: the segment is just being made; -EPROTO: of a version that this reader does not know;
 * -EBADMSG: no segment, truncated or corrupted; with words.
 */
int layout_read(const struct segment_file *file, struct layout *ret_layout, struct fault *ret_fault);

/* Opens the file as well, by path: also what segment_file_open() returns. Where it fails nothing is open. */
int layout_open(const char *path, bool is_memfd, struct segment_file *ret_file, struct layout *ret_layout,
                struct fault *ret_fault);

/* Copies the head of a row, `bytes` of it. Returns 0, or -ERANGE: no such row, or a row is smaller. */
int layout_copy_row(const struct segment_file *file, const struct layout_table *table, uint64_t row,
                    void *ret_row, size_t bytes);

/* The same of `count` rows from `first` on; their heads stand one behind the other. */
int layout_copy_rows(const struct segment_file *file, const struct layout_table *table, uint64_t first,
                     uint64_t count, void *ret_rows, size_t bytes);

#endif
