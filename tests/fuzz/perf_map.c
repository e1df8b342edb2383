/*
 * perf_map.c: the map that a program with a compiler of its own leaves in /tmp.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/scratch_file.h"
#include "symbols/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* perf_map_read() wants it at SYSROOT/tmp/perf-PID.map: the folder's link to itself is that tmp. */
static char root[PATH_MAX], path[PATH_MAX];

static void begin(void) {
  char link[PATH_MAX];
  scratch_file_name("perf-7.map", path);
  memcpy(root, path, sizeof root);
  *strrchr(root, '/') = 0;
  scratch_file_name("tmp", link);
  if (symlink(".", link) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct perf_map map;
  if (!path[0]) begin();
  scratch_file_write(path, bytes, size);
  if (perf_map_read(root, 7, &map) != 0) abort();
  size_t letters = 0;
  for (uint64_t address = 1; address; address <<= 1) {
    const char *names[] = {perf_map_find(&map, address - 1), perf_map_find(&map, address),
                           perf_map_find(&map, address | 0x100)};
    for (size_t i = 0; i < 3; i++) letters += names[i] ? strlen(names[i]) : 0;
  }
  if (letters > 192 * size) abort();
  perf_map_free(&map);
  return 0;
}
