/*
 * glob.h: does a name fit a pattern, as glob(7) has it: * any bytes, ? one byte, [a-z] [!a-z] one of a set,
 * \ takes the meaning from the next byte, in a set too. '/' is a byte like any other. A set that never closes is a
 * plain '[', a \ at the end is a plain one. No locale, so no classes either: [[:digit:]] is the set "[:digt" and then
 * a ']'. No allocation, and time at most length(pattern) x length(name), since only the last star is ever taken up
 * again.
 */
#ifndef RATION_BASE_GLOB_H
#define RATION_BASE_GLOB_H

#include <stddef.h>

/* One byte against the set that opens at pattern[0] == '['. Returns the set's length; 0: it never closes. */
static inline size_t glob_set(const char *pattern, const char *end, char byte, int *ret_fits) {
  const char *at = pattern + 1;
  int is_negated = at < end && (*at == '!' || *at == '^');
  if (is_negated) at++;
  int fits = 0;
  for (const char *first = at; at < end && (*at != ']' || at == first);) {
    if (*at == '\\' && at + 1 < end) at++;
    char low = *at++;
    char high = low;
    if (at + 1 < end && *at == '-' && at[1] != ']') {
      at++;
      if (*at == '\\' && at + 1 < end) at++;
      high = *at++;
    }
    if ((unsigned char)low <= (unsigned char)byte && (unsigned char)byte <= (unsigned char)high) fits = 1;
  }
  if (at >= end) return 0;
  *ret_fits = fits != is_negated;
  return (size_t)(at + 1 - pattern);
}

/*
 * One byte against what stands at `pattern`. Returns how long that is; *ret_fits says whether it fits. Where one set
 * never closes, none that opens behind it does: from *unclosed on there is no need to look for the end of one.
 */
static inline size_t glob_step(const char *pattern, const char *end, char byte, const char **unclosed,
                               int *ret_fits) {
  size_t length;
  if (*pattern == '[' && pattern < *unclosed) {
    if ((length = glob_set(pattern, end, byte, ret_fits))) return length;
    *unclosed = pattern;
  }
  if (*pattern == '?') {
    *ret_fits = 1;
    return 1;
  }
  length = *pattern == '\\' && pattern + 1 < end ? 2 : 1;
  *ret_fits = pattern[length - 1] == byte;
  return length;
}

/* The same for one look at one place. */
static inline size_t glob_one(const char *pattern, const char *end, char byte, int *ret_fits) {
  const char *unclosed = end;
  return glob_step(pattern, end, byte, &unclosed, ret_fits);
}

/* The first place, from `name` on, where what follows a star can begin; the name's end if there is none. */
static inline const char *glob_skip(const char *pattern, const char *name) {
  char byte = *pattern;
  if (byte == '*' || byte == '?' || byte == '[' || byte == '\\') return name;
  while (*name && *name != byte) name++;
  return name;
}

static inline int glob_fits(const char *pattern, size_t pattern_bytes, const char *name) {
  const char *end = pattern + pattern_bytes;
  const char *after_star = NULL, *retry = NULL, *unclosed = end;
  while (*name || pattern < end) {
    int fits = 0;
    size_t length = 0;
    if (pattern < end && *pattern == '*') {
      if (++pattern == end) return 1;
      after_star = pattern;
      name = retry = glob_skip(after_star, name);
      continue;
    }
    if (pattern < end && *name) length = glob_step(pattern, end, *name, &unclosed, &fits);
    if (fits) {
      pattern += length;
      name++;
    } else if (after_star && *retry) {
      pattern = after_star;
      name = retry = glob_skip(after_star, retry + 1);
    } else {
      return 0;
    }
  }
  return 1;
}

#endif
