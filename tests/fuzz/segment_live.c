/*
 * segment_live.c: a segment that is bent, cut and grown between any two reads of whoever looks at it.
 * link: -Wl,--wrap=pread
 */
#include <string.h>
#include <sys/types.h>

#include "common/sight.h"
#include "common/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed);
ssize_t __real_pread(int fd, void *to, size_t count, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t count, off_t offset);

static int is_on;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct input_head head;
  if (size < sizeof head) return 0;
  memcpy(&head, bytes, sizeof head);
  const char *path = stage_open(head.seed, bytes + sizeof head, size - sizeof head, 1);
  is_on = 1;
  sight_take(path, head.sight);
  is_on = 0;
  stage_close();
  return 0;
}

/* The one way in which segments are read. What the change itself reads is no read of theirs. */
ssize_t __wrap_pread(int fd, void *to, size_t count, off_t offset) {
  if (is_on) {
    is_on = 0;
    stage_read();
    is_on = 1;
  }
  return __real_pread(fd, to, count, offset);
}

size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed) {
  return stage_mutate(input, size, most, seed);
}
