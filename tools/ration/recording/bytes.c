/*
 * bytes.c: see bytes.h.
 */
#include "recording/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording/varint.h"

void bytes_free(struct bytes *bytes) {
  free(bytes->first);
  *bytes = (struct bytes){0};
}

unsigned char *bytes_reserve(struct bytes *bytes, size_t more) {
  size_t needed = bytes->count + more;
  if (needed > bytes->room || !bytes->first) {
    size_t room = bytes->room ? bytes->room : 256;
    while (room < needed) room *= 2;
    unsigned char *first = realloc(bytes->first, room);
    if (!first) {
      bytes->is_out_of_memory = true;
      return NULL;
    }
    bytes->first = first;
    bytes->room = room;
  }
  return bytes->first + bytes->count;
}

void bytes_put(struct bytes *bytes, const void *from, size_t count) {
  unsigned char *to = bytes_reserve(bytes, count);
  if (!to || count == 0) return;
  memcpy(to, from, count);
  bytes->count += count;
}

void bytes_put_varint(struct bytes *bytes, uint64_t value) {
  unsigned char *to = bytes_reserve(bytes, VARINT_BYTES_MOST);
  if (to) bytes->count += varint_put(to, value);
}

int bytes_write(const void *from, size_t count, int fd) {
  const unsigned char *next = from;
  while (count > 0) {
    ssize_t done = write(fd, next, count);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return -errno;
    next += done;
    count -= (size_t)done;
  }
  return 0;
}
