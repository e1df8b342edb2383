/*
 * stretch.h: a stretch of text that is not its own string: what the settings are cut into.
 */
#ifndef RATION_TOOL_CONFIG_STRETCH_H
#define RATION_TOOL_CONFIG_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct stretch {
  const char *bytes;
  size_t count;
};

/* For "%.*s" in a message: as much of it as a line can bear. */
#define STRETCH_SHOWN(stretch) (int)((stretch).count < 80 ? (stretch).count : 80), (stretch).bytes

static inline struct stretch stretch_of(const char *string) {
  return (struct stretch){.bytes = string, .count = strlen(string)};
}

static inline struct stretch stretch_from(struct stretch stretch, size_t from) {
  return (struct stretch){.bytes = stretch.bytes + from, .count = stretch.count - from};
}

static inline bool stretch_is(struct stretch stretch, const char *word) {
  return strlen(word) == stretch.count && memcmp(word, stretch.bytes, stretch.count) == 0;
}

static inline bool stretch_begins(struct stretch stretch, const char *word) {
  size_t length = strlen(word);
  return length <= stretch.count && memcmp(word, stretch.bytes, length) == 0;
}

static inline bool stretch_has(struct stretch stretch, char byte) {
  return stretch.count && memchr(stretch.bytes, byte, stretch.count);
}

static inline bool stretch_is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

/* Without the blanks at its ends; one that a backslash protects stays. */
static inline struct stretch stretch_trim(struct stretch stretch) {
  while (stretch.count && stretch_is_blank(stretch.bytes[0])) stretch = stretch_from(stretch, 1);
  while (stretch.count && stretch_is_blank(stretch.bytes[stretch.count - 1])) {
    size_t backslashes = 0;
    while (backslashes + 1 < stretch.count && stretch.bytes[stretch.count - 2 - backslashes] == '\\')
      backslashes++;
    if (backslashes % 2) break;
    stretch.count--;
  }
  return stretch;
}

/* How far it is to the first `end` that no backslash stands before; its length where there is none. */
static inline size_t stretch_until(struct stretch stretch, char end) {
  size_t at = 0;
  while (at < stretch.count && stretch.bytes[at] != end) at += stretch.bytes[at] == '\\' ? 2 : 1;
  return at < stretch.count ? at : stretch.count;
}

/* Cuts off what stands before the next `end`, and moves on behind it. Call it until *rest has no bytes pointer. */
static inline struct stretch stretch_next(struct stretch *rest, char end) {
  struct stretch next = {.bytes = rest->bytes, .count = stretch_until(*rest, end)};
  if (next.count == rest->count) {
    *rest = (struct stretch){.bytes = NULL, .count = 0};
  } else {
    *rest = stretch_from(*rest, next.count + 1);
  }
  return next;
}

#endif
