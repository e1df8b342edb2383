/*
 * segment_file.h: a segment's file, opened, and the only way to get at its bytes.
 *
 * Bytes are copied by pread, after the range was checked against the size of the file; nothing is ever mapped
 * (segment.h says why).
 *
 * A memfd may hold many segments, one behind the other: PATH@START+BYTES is the path of one of them, a window.
 */
#ifndef RATION_TOOL_READER_SEGMENT_FILE_H
#define RATION_TOOL_READER_SEGMENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader/fault.h"

struct segment_file {
  int fd;
  uint64_t bytes; /* size at opening */
  uint64_t start; /* of a window: where it begins in the file, not 0; else 0 */
  uint32_t user;  /* whose file it is */
};

#define SEGMENT_WINDOW_PATH_BYTES 80

/*
 * Opens a regular file of the caller's own (root: of anyone's), not through a symbolic link; a memfd, which
 * is reached by a link of /proc, is opened with `is_memfd`. Returns 0, -ENOENT, -EACCES, -EINVAL (no regular
 * file) or another -errno, with words.
 */
int segment_file_open(const char *path, bool is_memfd, struct segment_file *ret_file,
                      struct fault *ret_fault);
void segment_file_close(struct segment_file *file);

/* The path of a window of a file that this process has open, as a memfd. */
void segment_file_window_path(const struct segment_file *window, char ret_path[SEGMENT_WINDOW_PATH_BYTES]);

/* Takes its size anew: it was opened while it was being made. A window stays as it is. Returns 0 or -errno. */
int segment_file_measure(struct segment_file *file);

/* Returns 0, or -ERANGE where the range does not lie in the file (any more), or the -errno of pread. */
int segment_file_copy(const struct segment_file *file, uint64_t offset, void *ret_bytes, size_t count);

#endif
