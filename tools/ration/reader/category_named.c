/*
 * category_named.c: looking through at most 252 names.
 */
#include "reader/category_named.h"

#include <string.h>

uint32_t category_named(const struct snapshot *snapshot, const char *name, size_t bytes) {
  for (uint32_t id = 1; id <= snapshot->category_count; id++) {
    const char *other = snapshot->categories[id].name;
    if (strlen(other) == bytes && memcmp(other, name, bytes) == 0) return id;
  }
  return 0;
}
