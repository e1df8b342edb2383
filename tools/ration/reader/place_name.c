/*
 * place_name.c: names of segments, read and written.
 */
#include "reader/place_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static size_t parse_start(const char *text, struct place_name *ret_name);

int place_name_parse(const char *text, struct place_name *ret_name) {
  struct place_name name;
  size_t length = parse_start(text, &name);
  if (length == 0 || text[length] != 0) return -EINVAL;
  *ret_name = name;
  return 0;
}

int place_name_parse_copy(const char *text, struct place_name *ret_name, uint32_t *ret_number) {
  static const char infix[] = ".dump.";
  struct place_name name;
  uint64_t number;
  size_t length = parse_start(text, &name);
  if (length == 0 || strncmp(text + length, infix, sizeof infix - 1) != 0) return -EINVAL;
  text += length + sizeof infix - 1;
  size_t digits = text_read_decimal(text, &number);
  if (digits == 0 || text[digits] != 0 || *text == '0' || number > UINT32_MAX) return -EINVAL;
  *ret_name = name;
  *ret_number = (uint32_t)number;
  return 0;
}

void place_name_write(const struct place_name *name, char ret_text[PLACE_NAME_BYTES]) {
  snprintf(ret_text, PLACE_NAME_BYTES, "ration.%" PRIu64 ".%" PRIu32 ".%" PRIu64 ".%" PRIu32,
           name->pid_namespace, name->pid, name->start_ticks, name->image);
}

/* The length of the segment's name that `text` starts with; 0: it does not. */
static size_t parse_start(const char *text, struct place_name *ret_name) {
  static const char prefix[] = "ration";
  const char *at = text;
  if (strncmp(at, prefix, sizeof prefix - 1) != 0) return 0;
  at += sizeof prefix - 1;

  uint64_t parts[4];
  for (size_t i = 0; i < 4; i++) {
    if (*at++ != '.') return 0;
    size_t digits = text_read_decimal(at, &parts[i]);
    if (digits == 0 || (digits > 1 && *at == '0')) return 0;
    at += digits;
  }
  if (parts[1] == 0 || parts[1] > INT32_MAX || parts[3] > UINT32_MAX) return 0;
  *ret_name = (struct place_name){.pid_namespace = parts[0],
                                  .pid = (uint32_t)parts[1],
                                  .start_ticks = parts[2],
                                  .image = (uint32_t)parts[3]};
  return (size_t)(at - text);
}
