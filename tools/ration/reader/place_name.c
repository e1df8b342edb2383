/*
 * place_name.c: names of segments, read and written.
 */
#include "reader/place_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

int place_name_parse(const char *text, struct place_name *ret_name) {
  static const char prefix[] = "ration";
  if (strncmp(text, prefix, sizeof prefix - 1) != 0) return -EINVAL;
  text += sizeof prefix - 1;

  uint64_t parts[4];
  for (size_t i = 0; i < 4; i++) {
    if (*text++ != '.') return -EINVAL;
    size_t digits = text_read_decimal(text, &parts[i]);
    if (digits == 0 || (digits > 1 && *text == '0')) return -EINVAL;
    text += digits;
  }
  if (*text != 0 || parts[1] == 0 || parts[1] > INT32_MAX || parts[3] > UINT32_MAX) return -EINVAL;
  *ret_name = (struct place_name){.pid_namespace = parts[0],
                                  .pid = (uint32_t)parts[1],
                                  .start_ticks = parts[2],
                                  .image = (uint32_t)parts[3]};
  return 0;
}

void place_name_write(const struct place_name *name, char ret_text[PLACE_NAME_BYTES]) {
  snprintf(ret_text, PLACE_NAME_BYTES, "ration.%" PRIu64 ".%" PRIu32 ".%" PRIu64 ".%" PRIu32,
           name->pid_namespace, name->pid, name->start_ticks, name->image);
}
