/*
 * unwind_pipe.c: finding the two ints in libunwind's data.
 */
#include "os/unwind_pipe.h"

#include <stdint.h>
#include <sys/stat.h>

#include "os/module.h"
#include "os/system.h"

static void watch_area(const struct module_area *area, struct unwind_pipe *pipe) {
  int *first = (int *)((area->start + sizeof(int) - 1) & -sizeof(int));
  const int *end = (const int *)(area->start + area->bytes);
  for (int *pair = first; pair + 1 < end && pipe->count < UNWIND_PIPE_CANDIDATES; pair++)
    if (pair[0] == -1 && pair[1] == -1) pipe->candidates[pipe->count++] = pair;
}

void unwind_pipe_watch(const void *address, struct unwind_pipe *ret_pipe) {
  struct module module;
  struct module_area area;
  ret_pipe->count = 0;
  if (module_find(address, &module) < 0) return;
  for (unsigned i = 0; module_area(&module, i, &area) == 0; i++)
    if (area.is_writable) watch_area(&area, ret_pipe);
}

static int is_pipe(const int pair[2]) {
  struct stat ends[2];
  for (int i = 0; i < 2; i++)
    if (pair[i] < 0 || fstat(pair[i], &ends[i]) < 0 || !S_ISFIFO(ends[i].st_mode)) return 0;
  return pair[0] != pair[1] && ends[0].st_dev == ends[1].st_dev && ends[0].st_ino == ends[1].st_ino;
}

void unwind_pipe_close(const struct unwind_pipe *pipe) {
  for (unsigned i = 0; i < pipe->count; i++) {
    int *pair = pipe->candidates[i];
    if (!is_pipe(pair)) continue;
    for (int end = 0; end < 2; end++) {
      system_close(pair[end]);
      pair[end] = -1;
    }
    return;
  }
}
