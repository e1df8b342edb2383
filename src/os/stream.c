/*
 * stream.c: see stream.h.
 */
#include "os/stream.h"

int stream_put(FILE *stream, const char *bytes, size_t count) {
  return fwrite(bytes, 1, count, stream) == count ? 0 : -1;
}
