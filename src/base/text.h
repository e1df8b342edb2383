/*
 * text.h: text in a buffer of fixed size, built without stdio, which may allocate.
 *
 * A struct text is always NUL-terminated; what does not fit is cut, and `is_cut` says so.
 */
#ifndef RATION_BASE_TEXT_H
#define RATION_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
  char *bytes;
  size_t room; /* at least 1 */
  size_t used; /* < room */
  int is_cut;
};

static inline struct text text_in(char *bytes, size_t room) {
  bytes[0] = '\0';
  return (struct text){.bytes = bytes, .room = room};
}

static inline void text_add_bytes(struct text *text, const char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (text->used + 1 >= text->room) {
      text->is_cut = 1;
      break;
    }
    text->bytes[text->used++] = bytes[i];
  }
  text->bytes[text->used] = '\0';
}

static inline size_t text_length(const char *string) {
  size_t length = 0;
  while (string[length]) length++;
  return length;
}

static inline void text_add(struct text *text, const char *string) {
  text_add_bytes(text, string, text_length(string));
}

static inline void text_add_number(struct text *text, uint64_t number, unsigned base, unsigned least_digits) {
  char digits[64];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number || sizeof digits - at < least_digits);
  text_add_bytes(text, digits + at, sizeof digits - at);
}

static inline void text_add_decimal(struct text *text, uint64_t number) {
  text_add_number(text, number, 10, 1);
}

/* Reads decimal digits. Returns how many bytes were read; 0: none, or a number over UINT64_MAX. */
static inline size_t text_read_decimal(const char *string, uint64_t *ret_number) {
  uint64_t number = 0;
  size_t at = 0;
  for (; string[at] >= '0' && string[at] <= '9'; at++) {
    unsigned digit = (unsigned)(string[at] - '0');
    if (number > (UINT64_MAX - digit) / 10) return 0;
    number = number * 10 + digit;
  }
  if (at) *ret_number = number;
  return at;
}

/*
 * Reads a size: decimal digits, and one of K, M, G, T for powers of 1024. Returns how many bytes were read; 0: no
 * size, or one over UINT64_MAX.
 */
static inline size_t text_read_size(const char *string, uint64_t *ret_size) {
  static const char units[] = "KMGT";
  uint64_t size = 0;
  size_t at = text_read_decimal(string, &size);
  for (unsigned i = 0; at && units[i]; i++) {
    if (string[at] != units[i]) continue;
    unsigned shift = 10 * (i + 1);
    if (size > UINT64_MAX >> shift) return 0;
    *ret_size = size << shift;
    return at + 1;
  }
  if (at) *ret_size = size;
  return at;
}

static inline int text_is_equal(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] && a[i] == b[i]) i++;
  return a[i] == b[i];
}

/* The part of a path after its last '/'. */
static inline const char *text_file_name(const char *path) {
  const char *name = path;
  for (const char *at = path; *at; at++)
    if (*at == '/') name = at + 1;
  return name;
}

#endif
