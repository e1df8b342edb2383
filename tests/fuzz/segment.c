/*
 * segment.c: a segment that somebody has bent, seen in every way that ration has.
 */
#include <string.h>

#include "common/sight.h"
#include "common/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct input_head head;
  if (size < sizeof head) return 0;
  memcpy(&head, bytes, sizeof head);
  sight_take(stage_open(head.seed, bytes + sizeof head, size - sizeof head, 0), head.sight);
  stage_close();
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *input, size_t size, size_t most, unsigned seed) {
  return stage_mutate(input, size, most, seed);
}
