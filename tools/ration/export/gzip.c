/*
 * gzip.c: one member, without a name and a time, so that the same bytes always give the same file.
 */
#include "export/gzip.h"

#include <errno.h>

#define ZLIB_CONST 1
#include <zlib.h>

#define WINDOW_OF_GZIP (15 + 16)
#define MEMORY_LEVEL   8
#define AT_ONCE        (1u << 30) /* what zlib counts in is an unsigned int */

static int deflate_all(z_stream *stream, const unsigned char *bytes, size_t size, FILE *to);

int gzip_write(const void *bytes, size_t size, FILE *to) {
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_OF_GZIP, MEMORY_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return -ENOMEM;
  int error = deflate_all(&stream, bytes, size, to);
  deflateEnd(&stream);
  return error;
}

static int deflate_all(z_stream *stream, const unsigned char *bytes, size_t size, FILE *to) {
  unsigned char packed[16384];
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    if (stream->avail_in == 0) {
      stream->next_in = bytes;
      stream->avail_in = size > AT_ONCE ? AT_ONCE : (uInt)size;
      bytes += stream->avail_in;
      size -= stream->avail_in;
    }
    stream->next_out = packed;
    stream->avail_out = sizeof packed;
    result = deflate(stream, size == 0 ? Z_FINISH : Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return -ENOMEM;
    fwrite(packed, 1, sizeof packed - stream->avail_out, to);
  }
  return 0;
}
