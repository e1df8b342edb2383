/*
 * mini_debug.c: liblzma, within limits: the largest seen is some MiB.
 */
#include "symbols/mini_debug.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#define PLAIN_LEAST 65536
#define PLAIN_MOST  (UINT32_C(64) << 20)
#define MEMORY_MOST (UINT64_C(128) << 20)

static int unpack(lzma_stream *stream, unsigned char **bytes, size_t *count);

int mini_debug_open(const struct object_file *file, struct object_file **ret_mini) {
  Elf_Scn *section = elf_section_named(file->elf, ".gnu_debugdata");
  if (!section) return -ENOENT;
  const Elf_Data *packed = elf_rawdata(section, NULL);
  if (!packed || !packed->d_buf) return -EBADMSG;

  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, MEMORY_MOST, 0) != LZMA_OK) return -ENOMEM;
  stream.next_in = packed->d_buf;
  stream.avail_in = packed->d_size;
  unsigned char *bytes = NULL;
  size_t count = 0;
  int error = unpack(&stream, &bytes, &count);
  lzma_end(&stream);
  if (error) {
    free(bytes);
    return error;
  }
  return object_file_take(bytes, count, ret_mini);
}

/* Into memory that grows twofold. */
static int unpack(lzma_stream *stream, unsigned char **bytes, size_t *count) {
  size_t room = 0;
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK) {
    if (*count == room) {
      room = room ? room * 2 : PLAIN_LEAST;
      unsigned char *grown = room > PLAIN_MOST ? NULL : realloc(*bytes, room);
      if (!grown) return room > PLAIN_MOST ? -EBADMSG : -ENOMEM;
      *bytes = grown;
    }
    stream->next_out = *bytes + *count;
    stream->avail_out = room - *count;
    state = lzma_code(stream, LZMA_FINISH);
    *count = room - stream->avail_out;
  }
  return state == LZMA_STREAM_END ? 0 : -EBADMSG;
}
