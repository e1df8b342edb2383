/*
 * stage_mutate.c: changes are put in, taken out and bent as a whole, so that the ones behind stay what they are.
 */
#include <stdlib.h>
#include <string.h>

#include "common/stage.h"
#include "reader/layout.h"

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);

static uint64_t state;

static uint32_t below(uint32_t count) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((state >> 33) % count);
}

static uint64_t telling_value(void) {
  static const uint64_t values[] = {0,
                                    1,
                                    2,
                                    UINT64_MAX,
                                    INT64_MAX,
                                    UINT32_MAX,
                                    INT32_MAX,
                                    UINT16_MAX,
                                    255,
                                    256,
                                    4096,
                                    16384,
                                    UINT64_C(1) << 63,
                                    UINT64_C(1) << 47,
                                    UINT64_C(1) << 40,
                                    UINT64_C(142069760)};
  uint64_t value = values[below(sizeof values / sizeof *values)];
  return below(4) ? value : value + below(17) - 8;
}

static struct change make_one(void) {
  uint64_t value = below(3) ? telling_value() : below(1 << 16);
  static const uint8_t kinds[] = {CHANGE_SET,  CHANGE_SET,  CHANGE_SET, CHANGE_ADD,  CHANGE_FLIP,
                                  CHANGE_COPY, CHANGE_FILL, CHANGE_CUT, CHANGE_GROW, CHANGE_SELF};
  return (struct change){.table = (uint8_t)below(LAYOUT_KINDS + 2),
                         .how = (uint8_t)(below(4) | (uint32_t)kinds[below(sizeof kinds)] << 2),
                         .when = (uint16_t)(below(3) ? 0 : below(200)),
                         .row = below(8) ? below(8) : below(1 << 20) | UINT32_C(1) << 31,
                         .field = below(4) ? 8 * below(64) : below(4096),
                         .value = {(uint32_t)value, (uint32_t)(value >> 32)}};
}

size_t stage_mutate(uint8_t *input, size_t size, size_t most, unsigned seed) {
  const size_t head = sizeof(struct input_head), one = sizeof(struct change);
  state = seed;
  below(2);
  if (size < head) return head <= most ? (memset(input, 0, head), head) : size;
  size_t count = (size - head) / one, place = count ? below((uint32_t)count) : 0;
  uint8_t *list = input + head;
  struct change fresh = make_one();
  size = head + count * one;
  switch (below(8)) {
  case 0:
    input[below(2)] = (uint8_t)below(256);
    break;
  case 1: /* one less */
    if (count == 0) break;
    memmove(list + place * one, list + (place + 1) * one, (count - place - 1) * one);
    size -= one;
    break;
  case 2:
  case 3:
  case 4: /* one more: another one, or the same again */
    if (size + one > most) break;
    if (count && below(4) == 0) memcpy(&fresh, list + place * one, one);
    memmove(list + (place + 1) * one, list + place * one, (count - place) * one);
    memcpy(list + place * one, &fresh, one);
    size += one;
    break;
  case 5:
    if (count) memcpy(list + place * one + offsetof(struct change, value), fresh.value, sizeof fresh.value);
    break;
  default:
    if (count) LLVMFuzzerMutate(list + place * one, one, one);
    break;
  }
  return size;
}
