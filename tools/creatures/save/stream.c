/*
 * stream.c: a buffer between a file and its sections.
 */
#include "save/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FACTOR UINT64_C(0x9e3779b97f4a7c15) /* odd: to multiply by it is one to one */

static void flush(struct stream *stream);
static void fill(struct stream *stream);

uint64_t stream_hash(uint64_t checksum, const void *bytes, size_t size) {
  const unsigned char *from = bytes;
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, from + i, size - i < sizeof word ? size - i : sizeof word);
    checksum = (checksum ^ word) * FACTOR;
    checksum ^= checksum >> 29;
  }
  return checksum;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

void stream_begin_writing(struct stream *stream, int descriptor) {
  stream->descriptor = descriptor;
  stream->error = 0;
  stream->length = 0;
  stream->checksum = STREAM_SEED;
  stream->next = stream->used = 0;
}

void stream_write(struct stream *stream, const void *bytes, size_t size) {
  const unsigned char *from = bytes;
  while (size && !stream->error) {
    size_t room = STREAM_BUFFER - stream->used, part = size < room ? size : room;
    memcpy(stream->buffer + stream->used, from, part);
    stream->used += part;
    from += part;
    size -= part;
    if (stream->used == STREAM_BUFFER) flush(stream);
  }
}

int stream_end_writing(struct stream *stream) {
  if (!stream->error) flush(stream);
  return stream->error;
}

void stream_write_32(struct stream *stream, uint32_t word) {
  stream_write(stream, &word, sizeof word);
}

void stream_write_64(struct stream *stream, uint64_t word) {
  stream_write(stream, &word, sizeof word);
}

static void flush(struct stream *stream) {
  stream->checksum = stream_hash(stream->checksum, stream->buffer, stream->used);
  for (size_t done = 0; done < stream->used;) {
    ssize_t written = write(stream->descriptor, stream->buffer + done, stream->used - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      stream->error = written ? -errno : -ENOSPC;
      return;
    }
    done += (size_t)written;
  }
  stream->length += stream->used;
  stream->used = 0;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

void stream_begin_reading(struct stream *stream, int descriptor, uint64_t length) {
  stream->descriptor = descriptor;
  stream->error = 0;
  stream->length = length;
  stream->checksum = STREAM_SEED;
  stream->next = stream->used = 0;
}

void stream_read(struct stream *stream, void *ret_bytes, size_t size) {
  unsigned char *to = ret_bytes;
  while (size) {
    if (stream->next == stream->used) fill(stream);
    if (stream->error) {
      memset(to, 0, size);
      return;
    }
    size_t left = stream->used - stream->next, part = size < left ? size : left;
    memcpy(to, stream->buffer + stream->next, part);
    stream->next += part;
    to += part;
    size -= part;
  }
}

uint64_t stream_left(const struct stream *stream) {
  return stream->error ? 0 : stream->length + (stream->used - stream->next);
}

int stream_is_at_end(const struct stream *stream) {
  return !stream->error && !stream->length && stream->next == stream->used;
}

uint32_t stream_read_32(struct stream *stream) {
  uint32_t word;
  stream_read(stream, &word, sizeof word);
  return word;
}

uint64_t stream_read_64(struct stream *stream) {
  uint64_t word;
  stream_read(stream, &word, sizeof word);
  return word;
}

int stream_sum(struct stream *stream, int descriptor, uint64_t length, uint64_t *ret_checksum) {
  stream_begin_reading(stream, descriptor, length);
  while (stream->length && !stream->error) {
    fill(stream);
    if (!stream->error) stream->checksum = stream_hash(stream->checksum, stream->buffer, stream->used);
  }
  if (!stream->error) *ret_checksum = stream->checksum;
  return stream->error;
}

/* A whole buffer, or what is left: so a checksum by buffers is the one that was written. */
static void fill(struct stream *stream) {
  if (stream->error) return;
  size_t wanted = stream->length < STREAM_BUFFER ? (size_t)stream->length : STREAM_BUFFER;
  stream->next = stream->used = 0;
  if (!wanted) stream->error = -EBADMSG;
  while (stream->used < wanted) {
    ssize_t got = read(stream->descriptor, stream->buffer + stream->used, wanted - stream->used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      stream->error = got ? -errno : -EBADMSG;
      stream->used = 0;
      return;
    }
    stream->used += (size_t)got;
  }
  stream->length -= wanted;
}
