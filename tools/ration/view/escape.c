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

size_t escape_columns(const char *text) {
  size_t columns = 0;
  for (; *text != 0; text++) columns += ((unsigned char)*text & 0xc0) != 0x80;
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
