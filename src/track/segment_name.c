/*
 * segment_name.c: writing and reading names of segments.
 */
#include "track/segment_name.h"

#include "base/text.h"
#include "os/shared_file.h"

static const char prefix[] = "ration.";

static void add_part(struct text *text, uint64_t number) {
  text_add_decimal(text, number);
  text_add(text, ".");
}

void segment_name_write_namespace(uint64_t pid_namespace, char text[SEGMENT_NAME_BYTES]) {
  struct text name = text_in(text, SEGMENT_NAME_BYTES);
  text_add(&name, prefix);
  add_part(&name, pid_namespace);
}

void segment_name_write_process(struct segment_name name, char text[SEGMENT_NAME_BYTES]) {
  segment_name_write_namespace(name.pid_namespace, text);
  struct text more = {.bytes = text, .room = SEGMENT_NAME_BYTES, .used = text_length(text)};
  add_part(&more, name.pid);
  add_part(&more, name.start_ticks);
}

void segment_name_write(struct segment_name name, char text[SEGMENT_NAME_BYTES]) {
  segment_name_write_process(name, text);
  struct text more = {.bytes = text, .room = SEGMENT_NAME_BYTES, .used = text_length(text)};
  text_add_decimal(&more, name.image);
}

int segment_name_is_read(const char *text, struct segment_name *ret_name) {
  uint64_t numbers[4];
  const char *at = text;
  for (size_t i = 0; prefix[i]; i++)
    if (*at++ != prefix[i]) return 0;
  for (unsigned i = 0; i < 4; i++) {
    size_t digits = text_read_decimal(at, &numbers[i]);
    if (!digits || at[digits] != (i < 3 ? '.' : '\0')) return 0;
    at += digits + 1;
  }
  if (numbers[1] > UINT32_MAX || numbers[3] >= SEGMENT_IMAGES_MOST) return 0;
  *ret_name = (struct segment_name){.pid_namespace = numbers[0],
                                    .pid = (uint32_t)numbers[1],
                                    .start_ticks = numbers[2],
                                    .image = (uint32_t)numbers[3]};
  return 1;
}

static int see_image(void *next_image, const char *text) {
  struct segment_name name;
  uint32_t *next = next_image;
  if (segment_name_is_read(text, &name) && name.image >= *next) *next = name.image + 1;
  return 0;
}

uint32_t segment_name_next_image(const char *folder, struct segment_name name) {
  char of_process[SEGMENT_NAME_BYTES];
  uint32_t next = 0;
  segment_name_write_process(name, of_process);
  shared_folder_visit(folder, of_process, see_image, &next);
  return next;
}
