/*
 * perf_map.h: the names of code that a program made while it ran, as perf(1) has them from runtimes with a compiler:
 * /tmp/perf-PID.map, lines of `START SIZE name`, both in hexadecimal.
 *
 * Anyone may write to /tmp, so the file must be a regular one of ours or of root, and no symbolic link. Lines that are
 * not understood are skipped, of lines that overlap the later one holds, and of a huge file the beginning is read. A
 * last line without an end may just be being written, and does not count.
 */
#ifndef RATION_TOOL_SYMBOLS_PERF_MAP_H
#define RATION_TOOL_SYMBOLS_PERF_MAP_H

#include <stdint.h>

#include "symbols/range_map.h"

struct perf_map_name;

/* All zero: an empty one. */
struct perf_map {
  struct range_map map;
  char *text; /* the file, each name ended by NUL */
  char **names;
  size_t count, room;
};

/* The file below `sysroot` (NULL: none). Returns 0, -EPERM: it is not ours to trust, or another -errno. */
int perf_map_read(const char *sysroot, uint32_t pid, struct perf_map *ret_map);

/* By the address in the process. It may hold any byte but NUL and newline; NULL: none. */
const char *perf_map_find(const struct perf_map *map, uint64_t address);

void perf_map_free(struct perf_map *map);

#endif
