/*
 * stream.h: bytes to a file and from one, buffered, with a checksum over all of them. Errors stick: whoever writes or
 * reads asks once, in the end.
 */
#ifndef CREATURES_SAVE_STREAM_H
#define CREATURES_SAVE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define STREAM_BUFFER 65536u /* a multiple of 8 */

struct stream {
  int descriptor;
  int error;         /* 0 or -errno: the first */
  uint64_t length;   /* written; or that are left to be read from the file */
  uint64_t checksum; /* of what has been written */
  size_t next, used; /* in the buffer */
  unsigned char buffer[STREAM_BUFFER];
};

/* The checksum of no bytes. */
#define STREAM_SEED UINT64_C(0x637265617475726e)

/* Goes on with a checksum over more words of 8 bytes; what is missing of the last one counts as zeros. A change of a
   single word always changes it: each step is one to one. */
uint64_t stream_hash(uint64_t checksum, const void *bytes, size_t size);

void stream_begin_writing(struct stream *stream, int descriptor);
void stream_write(struct stream *stream, const void *bytes, size_t size);

/* What is still in the buffer is written. 0, or the first error. */
int stream_end_writing(struct stream *stream);

/* `length` bytes from where the descriptor stands. */
void stream_begin_reading(struct stream *stream, int descriptor, uint64_t length);

/* -EBADMSG sticks where there are fewer; the bytes are zero then. */
void stream_read(struct stream *stream, void *ret_bytes, size_t size);

/* How many bytes are still to be read: no more than that may be asked for, or made room for. */
uint64_t stream_left(const struct stream *stream);

/* 1: all has been read. */
int stream_is_at_end(const struct stream *stream);

/* 32 and 64 bits, as the sections of a save are mostly made of. */
void stream_write_32(struct stream *stream, uint32_t word);
void stream_write_64(struct stream *stream, uint64_t word);
uint32_t stream_read_32(struct stream *stream);
uint64_t stream_read_64(struct stream *stream);

/* Reads `length` bytes through to the end, and yields their checksum. 0, or -errno. */
int stream_sum(struct stream *stream, int descriptor, uint64_t length, uint64_t *ret_checksum);

#endif
