/*
 * raw_lines.c: lines, comments, headers and keys.
 */
#include "config/raw_lines.h"

#include <errno.h>

#include "view/escape.h"

static struct stretch take_line(struct raw_lines *lines);
static int check_text(struct stretch line, struct fault *ret_fault);
static struct stretch without_comment(struct stretch line);
static int read_section(struct stretch line, struct raw_line *ret_line, struct fault *ret_fault);
static int read_key(struct raw_lines *lines, struct stretch line, bool is_indented, struct raw_line *ret_line,
                    struct fault *ret_fault);

struct raw_lines raw_lines_of(struct stretch file) {
  if (stretch_begins(file, "\xef\xbb\xbf")) file = stretch_from(file, 3);
  return (struct raw_lines){.rest = file};
}

int raw_lines_next(struct raw_lines *lines, struct raw_line *ret_line, struct fault *ret_fault) {
  while (lines->rest.count) {
    struct stretch whole = take_line(lines);
    if (stretch_has(whole, 0)) {
      return fault_set(ret_fault, -EINVAL, "holds a byte 0; expected a rule file, which is text");
    }
    struct stretch line = stretch_trim(whole);
    if (line.count == 0 || line.bytes[0] == ';' || line.bytes[0] == '#') continue;
    int error = check_text(line, ret_fault);
    if (error) return error;
    line = stretch_trim(without_comment(line));
    if (line.bytes[0] != '[')
      return read_key(lines, line, stretch_is_blank(whole.bytes[0]), ret_line, ret_fault);
    lines->key.count = 0;
    return read_section(line, ret_line, ret_fault);
  }
  *ret_line = (struct raw_line){.kind = RAW_END};
  return 0;
}

/* Up to its newline, without that and a carriage return before it. */
static struct stretch take_line(struct raw_lines *lines) {
  struct stretch rest = lines->rest;
  const char *newline = memchr(rest.bytes, '\n', rest.count);
  struct stretch line = {.bytes = rest.bytes, .count = newline ? (size_t)(newline - rest.bytes) : rest.count};
  lines->rest = stretch_from(rest, line.count + (newline != NULL));
  lines->number++;
  if (line.count && line.bytes[line.count - 1] == '\r') line.count--;
  return line;
}

/* What could not be shown could not be mended; and JSON holds nothing but UTF-8. Comments may hold what they like. */
static int check_text(struct stretch line, struct fault *ret_fault) {
  for (size_t at = 0; at < line.count;) {
    size_t length = line.bytes[at] == '\t' || line.bytes[at] == '\\'
                        ? 1
                        : escape_plain(stretch_from(line, at).bytes, line.count - at);
    if (!length) {
      return fault_set(
          ret_fault, -EINVAL,
          "holds the byte 0x%02x, which is no text in UTF-8; expected `?` in its place in a glob",
          (unsigned)(unsigned char)line.bytes[at]);
    }
    at += length;
  }
  return 0;
}

/* As inih has it: a semicolon behind a blank. A backslash between the two takes its meaning. */
static struct stretch without_comment(struct stretch line) {
  for (size_t at = 1; at < line.count; at++) {
    if (line.bytes[at] != ';' || !stretch_is_blank(line.bytes[at - 1])) continue;
    return (struct stretch){.bytes = line.bytes, .count = at};
  }
  return line;
}

static int read_section(struct stretch line, struct raw_line *ret_line, struct fault *ret_fault) {
  struct stretch name = stretch_from(line, 1);
  if (name.count == 0 || name.bytes[name.count - 1] != ']') {
    return fault_set(ret_fault, -EINVAL, "`%.*s` is no section; expected a `]` at its end",
                     STRETCH_SHOWN(line));
  }
  name.count--;
  *ret_line = (struct raw_line){.kind = RAW_SECTION, .name = stretch_trim(name)};
  return 0;
}

static bool is_word(struct stretch name) {
  for (size_t i = 0; i < name.count; i++) {
    char byte = name.bytes[i];
    bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (!is_letter && (i == 0 || (byte != '-' && byte != '_' && !(byte >= '0' && byte <= '9')))) return false;
  }
  return name.count > 0;
}

/* An indented line is more of the value before, unless it begins with a name and `=` itself. */
static int read_key(struct raw_lines *lines, struct stretch line, bool is_indented, struct raw_line *ret_line,
                    struct fault *ret_fault) {
  const char *equals = memchr(line.bytes, '=', line.count);
  size_t count = equals ? (size_t)(equals - line.bytes) : 0;
  struct raw_line key = {.kind = RAW_KEY, .name = stretch_trim((struct stretch){line.bytes, count})};
  if (equals) key.value = stretch_trim(stretch_from(line, count + 1));
  if (is_indented && lines->key.count && !(equals && is_word(key.name))) {
    key = (struct raw_line){.kind = RAW_MORE, .name = lines->key, .value = line};
  } else if (!equals || key.name.count == 0) {
    return fault_set(ret_fault, -EINVAL, "`%.*s` is no setting; expected NAME = VALUE", STRETCH_SHOWN(line));
  } else if (!is_word(key.name)) {
    return fault_set(
        ret_fault, -EINVAL,
        "`%.*s` is no name; expected NAME = VALUE, an option in [options], a property in [category NAME]",
        STRETCH_SHOWN(key.name));
  } else if (key.name.count > RAW_NAME_MOST) {
    return fault_set(ret_fault, -EINVAL, "`%.*s` is too long for a name; expected one of at most %d bytes",
                     STRETCH_SHOWN(key.name), RAW_NAME_MOST);
  }
  for (size_t at = 1; at < key.value.count; at++) {
    if (key.value.bytes[at] != '#' || !stretch_is_blank(key.value.bytes[at - 1])) continue;
    return fault_set(ret_fault, -EINVAL,
                     "`%.*s`: expected `;` before a comment behind a value, or a backslash before `#`",
                     STRETCH_SHOWN(key.value));
  }
  lines->key = key.name;
  *ret_line = key;
  return 0;
}

size_t raw_piece(struct stretch value, size_t room) {
  if (value.count <= room) return value.count;
  size_t count = room;
  while (count && (stretch_is_blank(value.bytes[count - 1]) || stretch_is_blank(value.bytes[count]))) count--;
  return count;
}
