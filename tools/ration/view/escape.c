/*
 * escape.c: names come from segments, file systems and command lines; any byte may stand in them.
 */
#include "view/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t character_bytes(const unsigned char *bytes);
static bool is_printable(const unsigned char *bytes, size_t length);
static void escape_but(unsigned char spared, const char *bytes, char *ret_text, size_t size);

void escape(const char *bytes, char *ret_text, size_t size) {
  escape_but(0, bytes, ret_text, size);
}

void escape_words(const char *bytes, char *ret_text, size_t size) {
  escape_but('\\', bytes, ret_text, size);
}

static void escape_but(unsigned char spared, const char *bytes, char *ret_text, size_t size) {
  const unsigned char *next = (const unsigned char *)bytes;
  size_t used = 0;
  while (*next != 0) {
    char piece[8];
    size_t taken = character_bytes(next);
    size_t length = taken;
    if (taken > 0 && (*next == spared || is_printable(next, taken))) {
      memcpy(piece, next, taken);
    } else {
      taken = 1;
      length = (size_t)snprintf(piece, sizeof piece, "\\x%02x", *next);
    }
    if (used + length >= size) break;
    memcpy(ret_text + used, piece, length);
    used += length;
    next += taken;
  }
  ret_text[used] = 0;
}

/* Ranges of characters that do not take one column: as a terminal has them, of whatever locale. */
static const struct {
  uint32_t first;
  uint32_t last;
  unsigned columns;
} unusual[] = {
    {0x300, 0x36f, 0},     {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},
    {0x200b, 0x200d, 0},   {0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},
    {0xa960, 0xa97c, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},
    {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
    {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
};

static unsigned character_columns(uint32_t character) {
  for (size_t i = 0; i < sizeof unusual / sizeof *unusual; i++) {
    if (character <= unusual[i].last) return character >= unusual[i].first ? unusual[i].columns : 1;
  }
  return 1;
}

size_t escape_columns(const char *text) {
  const unsigned char *next = (const unsigned char *)text;
  size_t columns = 0;
  while (*next) {
    size_t length = character_bytes(next);
    uint32_t character = length < 2 ? *next : *next & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) character = character << 6 | (next[i] & 0x3fu);
    columns += character_columns(character);
    next += length ? length : 1;
  }
  return columns;
}

size_t escape_plain(const char *bytes, size_t count) {
  unsigned char start[5] = {0};
  memcpy(start, bytes, count < 4 ? count : 4);
  size_t length = character_bytes(start);
  return length && is_printable(start, length) ? length : 0;
}

/* The length of the UTF-8 character that starts here; 0: none does. */
static size_t character_bytes(const unsigned char *bytes) {
  size_t length = bytes[0] < 0x80                         ? 1
                  : (bytes[0] >= 0xc2 && bytes[0] < 0xe0) ? 2
                  : bytes[0] >> 4 == 0xe                  ? 3
                                                          : 0;
  if (bytes[0] >= 0xf0 && bytes[0] <= 0xf4) length = 4;
  for (size_t i = 1; i < length; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  if (length == 3 && bytes[0] == 0xe0 && bytes[1] < 0xa0) return 0; /* overlong */
  if (length == 3 && bytes[0] == 0xed && bytes[1] > 0x9f) return 0; /* surrogate */
  if (length == 4 && bytes[0] == 0xf0 && bytes[1] < 0x90) return 0; /* overlong */
  if (length == 4 && bytes[0] == 0xf4 && bytes[1] > 0x8f) return 0; /* beyond Unicode */
  return length;
}

/* Not so: C0, DEL, the escape's own backslash, C1, line separators and what turns the direction of a line. */
static bool is_printable(const unsigned char *bytes, size_t length) {
  if (length == 1) return bytes[0] >= 0x20 && bytes[0] != 0x7f && bytes[0] != '\\';
  if (length == 2) return !(bytes[0] == 0xc2 && bytes[1] < 0xa0);
  if (length != 3 || bytes[0] != 0xe2) return true;
  if (bytes[1] == 0x80) return bytes[2] < 0x8e || (bytes[2] > 0x8f && bytes[2] < 0xa8) || bytes[2] > 0xae;
  return bytes[1] != 0x81 || bytes[2] < 0xa6 || bytes[2] > 0xa9;
}
