/*
 * function.c: the sorted table of .eh_frame_hdr, which names the start of each function.
 */
#include "os/function.h"

#include <dlfcn.h>
#include <stddef.h>

/* DWARF's encodings of the header's fields, as all linkers write them. */
#define COUNT_ENCODING 0x03 /* udata4 */
#define TABLE_ENCODING 0x3b /* sdata4, from the header's start */

struct header {
  uint8_t version, frame_encoding, count_encoding, table_encoding;
  int32_t frame;
  uint32_t count;
  struct {
    int32_t start;
    int32_t entry;
  } functions[];
};

#ifdef DLFO_EH_SEGMENT_TYPE
static const struct header *header_of(uintptr_t address) {
  struct dl_find_object found;
  return _dl_find_object((void *)address, &found) == 0 ? found.dlfo_eh_frame : NULL;
}
#else
static const struct header *header_of(uintptr_t address) {
  (void)address;
  return NULL;
}
#endif

/* The description of a function that the table leads to, where its code is given as all compilers do: pcrel, 4 bytes. */
struct description {
  uint32_t length;
  uint32_t common;
  int32_t start;
  uint32_t bytes;
};

/* The last function that starts at or before the address, by its number; -1: there is none. */
static int64_t last_before(const struct header *header, uintptr_t address) {
  intptr_t distance = (intptr_t)(address - (uintptr_t)header);
  uint32_t low = 0, high = header->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (header->functions[middle].start <= distance)
      low = middle + 1;
    else
      high = middle;
  }
  return (int64_t)low - 1;
}

static uintptr_t at_distance(const void *from, int32_t distance) {
  return (uintptr_t)from + (uintptr_t)(intptr_t)distance;
}

/* A call may be its function's last instruction: then the address after it is another's. */
int function_is_same(uintptr_t a, uintptr_t b) {
  const struct header *header = header_of(a - 1);
  if (!header || header->version != 1 || header->count_encoding != COUNT_ENCODING ||
      header->table_encoding != TABLE_ENCODING)
    return 0;
  int64_t number = last_before(header, a - 1);
  if (number < 0) return 0;
  uintptr_t start = at_distance(header, header->functions[number].start);
  const struct description *found =
      (const struct description *)at_distance(header, header->functions[number].entry);
  int is_understood = at_distance(&found->start, found->start) == start;
  return is_understood && a - 1 - start < found->bytes && b - 1 - start < found->bytes;
}
