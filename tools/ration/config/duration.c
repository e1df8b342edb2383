/*
 * duration.c: a number and its unit.
 */
#include "config/duration.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define MOST_NS (UINT64_C(3600) * 1000 * 1000000000)

int duration_read(const char *text, uint64_t *ret_ns, struct fault *ret_fault) {
  static const struct {
    const char *unit;
    uint64_t ns;
  } units[] = {{"ms", 1000000},
               {"s", 1000000000},
               {"m", UINT64_C(60) * 1000000000},
               {"h", UINT64_C(3600) * 1000000000}};
  uint64_t number = 0;
  size_t digits = text_read_decimal(text, &number);
  for (size_t i = 0; digits && i < sizeof units / sizeof *units; i++) {
    if (strcmp(text + digits, units[i].unit) != 0) continue;
    if (number == 0 || number > MOST_NS / units[i].ns) break;
    *ret_ns = number * units[i].ns;
    return 0;
  }
  return fault_set(ret_fault, -EINVAL, "`%.100s`: expected a time from 1ms to 1000h, like 10s", text);
}
