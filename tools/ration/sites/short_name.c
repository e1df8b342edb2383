/*
 * short_name.c: names of C++ and Rust, as demanglers write them. Brackets of operators and arrows are none; neither are
 * those of a name's first word, which in Rust is a type, `<Vec<u8> as Clone>::clone`.
 */
#include "sites/short_name.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#define DEEPEST   8 /* levels of brackets that are tried */
#define ELLIPSIS  "…"
#define ANONYMOUS "(anonymous namespace)"

#define BYTES_MOST (SHORT_NAME_BYTES - sizeof ELLIPSIS) /* of columns; more than that has no name in UTF-8 */

/* Counts all columns, and keeps what fits. */
struct line {
  char *to;
  size_t bytes;
  size_t columns;
  size_t cut; /* bytes of all columns but the last */
};

static size_t fold(const char *name, int deepest, char *to);
static size_t plain_length(const char *name, const char *at);
static void add(struct line *line, const char *text, size_t length);

void short_name(const char *name, char ret_short[SHORT_NAME_BYTES]) {
  size_t columns = fold(name, INT_MAX, ret_short);
  for (int deepest = DEEPEST; columns > SHORT_NAME_COLUMNS && deepest >= 0; deepest--)
    columns = fold(name, deepest, ret_short);
}

static bool is_opening(char byte) {
  return byte == '<' || byte == '(';
}

static bool is_closing(char byte) {
  return byte == '>' || byte == ')';
}

/* Brackets that stand in so many others or more are folded. Returns how many columns that would have. */
static size_t fold(const char *name, int deepest, char *to) {
  struct line line = {.to = to};
  int depth = name[0] == '<' ? -1 : 0, folded = INT_MAX; /* nothing is kept that lies so deep */
  size_t length;
  for (const char *at = name; *at; at += length ? length : 1) {
    length = plain_length(name, at);
    if (length == 0 && is_closing(*at)) {
      if (depth == folded) folded = INT_MAX;
      if (depth > 0) depth--;
    }
    if (depth < folded) add(&line, at, length ? length : 1);
    if (length > 0 || is_closing(*at)) continue;
    if (depth == deepest && folded == INT_MAX && !is_closing(at[1])) {
      add(&line, ELLIPSIS, strlen(ELLIPSIS));
      folded = depth + 1;
    }
    depth++;
  }
  if (line.columns > SHORT_NAME_COLUMNS) {
    memcpy(to + line.cut, ELLIPSIS, strlen(ELLIPSIS));
    line.bytes = line.cut + strlen(ELLIPSIS);
  }
  to[line.bytes] = '\0';
  return line.columns;
}

static bool begins_word(const char *name, const char *at) {
  return at == name || !strchr("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at[-1]);
}

/* What stands here and is no bracket, with its length; 0: it is one. */
static size_t plain_length(const char *name, const char *at) {
  static const char operator_word[] = "operator";
  size_t word = sizeof operator_word - 1;
  if (strncmp(at, ANONYMOUS, sizeof ANONYMOUS - 1) == 0) return sizeof ANONYMOUS - 1;
  if (strncmp(at, "->", 2) == 0) return 2;
  if (strncmp(at, operator_word, word) == 0 && begins_word(name, at)) {
    size_t sign = strncmp(at + word, "()", 2) == 0 ? 2 : strspn(at + word, "<>=-+*/%^&|~!,[]");
    return word + sign;
  }
  if (is_opening(*at) || is_closing(*at)) return 0;
  size_t length = 1;
  while ((at[length] & 0xc0) == 0x80) length++;
  return length;
}

static void add(struct line *line, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    bool is_first = ((unsigned char)text[i] & 0xc0) != 0x80;
    if (is_first && ++line->columns == SHORT_NAME_COLUMNS) line->cut = line->bytes;
    if (line->columns <= SHORT_NAME_COLUMNS && line->bytes < BYTES_MOST) line->to[line->bytes++] = text[i];
  }
}
