/*
 * glob_list.h: globs parted by '|', as they stand in a setting. A '\' before '|' (or ',' or '\') takes its meaning
 * there, and is the glob's own escape too, so it stays in the glob.
 */
#ifndef RATION_BASE_GLOB_LIST_H
#define RATION_BASE_GLOB_LIST_H

#include "base/glob.h"

/* The next glob that is not empty, of *ret_bytes bytes; *list moves behind it. NULL: there is none. */
static inline const char *glob_list_next(const char **list, size_t *ret_bytes) {
  while (**list) {
    const char *glob = *list;
    size_t bytes = 0;
    while (glob[bytes] && glob[bytes] != '|') bytes += glob[bytes] == '\\' && glob[bytes + 1] ? 2 : 1;
    *list = glob + bytes + (glob[bytes] == '|');
    *ret_bytes = bytes;
    if (bytes) return glob;
  }
  return NULL;
}

/* Does the name fit one of them? */
static inline int glob_list_fits(const char *list, const char *name) {
  size_t bytes;
  const char *glob;
  while ((glob = glob_list_next(&list, &bytes)))
    if (glob_fits(glob, bytes, name)) return 1;
  return 0;
}

#endif
