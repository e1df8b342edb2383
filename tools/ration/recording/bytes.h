/*
 * bytes.h: a stretch of bytes that grows at its end.
 */
#ifndef RATION_TOOL_RECORDING_BYTES_H
#define RATION_TOOL_RECORDING_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: an empty one. */
struct bytes {
  unsigned char *first;
  size_t count;
  size_t room;
  bool is_out_of_memory; /* then something is missing in it */
};

void bytes_free(struct bytes *bytes);

/* Room for `more` bytes behind the last; NULL: no memory. What is written there is made to count by `count`. */
unsigned char *bytes_reserve(struct bytes *bytes, size_t more);

void bytes_put(struct bytes *bytes, const void *from, size_t count);
void bytes_put_varint(struct bytes *bytes, uint64_t value);

/* Appends them to a file. Returns 0, or -errno of the first that was not taken: those before it are there then. */
int bytes_write(const void *from, size_t count, int fd);

#endif
