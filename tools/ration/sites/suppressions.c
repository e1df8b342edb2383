/*
 * suppressions.c: lines and patterns.
 */
#include "sites/suppressions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAK       "leak:"
#define LINES_MOST 65536
#define BLANKS     " \t\r\n"

static int take_line(struct suppressions *list, const char *path, unsigned number, char *line,
                     struct fault *ret_fault);
static bool fits(const char *pattern, const char *text);

int suppressions_read(const char *path, struct suppressions *ret_suppressions, struct fault *ret_fault) {
  FILE *file = fopen(path, "re");
  if (!file) return fault_set(ret_fault, -errno, "%s: cannot be read: %s", path, strerror(errno));
  struct suppressions list = {0};
  char *line = NULL;
  size_t room = 0;
  int error = 0;
  for (unsigned number = 1; !error && getline(&line, &room, file) >= 0; number++)
    error = take_line(&list, path, number, line, ret_fault);
  if (!error && ferror(file)) error = fault_set(ret_fault, -EIO, "%s: cannot be read", path);
  free(line);
  fclose(file);
  if (error)
    suppressions_free(&list);
  else
    *ret_suppressions = list;
  return error;
}

void suppressions_free(struct suppressions *suppressions) {
  for (size_t i = 0; i < suppressions->count; i++) free(suppressions->pattern[i]);
  free(suppressions->pattern);
  *suppressions = (struct suppressions){0};
}

static int take_line(struct suppressions *list, const char *path, unsigned number, char *line,
                     struct fault *ret_fault) {
  line += strspn(line, BLANKS);
  size_t length = strlen(line);
  while (length > 0 && strchr(BLANKS, line[length - 1])) line[--length] = '\0';
  if (length == 0 || line[0] == '#') return 0;
  if (strncmp(line, LEAK, strlen(LEAK)) != 0 || line[strlen(LEAK)] == '\0') {
    return fault_set(ret_fault, -EINVAL, "%s:%u: `%.64s`: expected " LEAK "PATTERN", path, number, line);
  }
  if (list->count == LINES_MOST) {
    return fault_set(ret_fault, -EINVAL, "%s:%u: more than %d patterns", path, number, LINES_MOST);
  }
  char **grown = realloc(list->pattern, (list->count + 1) * sizeof(char *));
  if (grown) list->pattern = grown;
  char *pattern = grown ? strdup(line + strlen(LEAK)) : NULL;
  if (!pattern) return fault_set(ret_fault, -ENOMEM, "not enough memory for %s", path);
  list->pattern[list->count++] = pattern;
  return 0;
}

bool suppressions_fit(const struct suppressions *suppressions, const struct stack *stack) {
  for (size_t i = 0; i < suppressions->count; i++) {
    for (size_t j = 0; j < stack->count; j++) {
      const struct stack_frame *frame = &stack->frame[j];
      if (fits(suppressions->pattern[i], frame->function) || fits(suppressions->pattern[i], frame->file) ||
          fits(suppressions->pattern[i], frame->module))
        return true;
    }
  }
  return false;
}

/* The piece of a pattern up to the next `*`, or to a `$` at its end. */
static size_t piece_length(const char *pattern) {
  size_t length = strcspn(pattern, "*");
  return pattern[length] == '\0' && length > 0 && pattern[length - 1] == '$' ? length - 1 : length;
}

static const char *find(const char *text, const char *piece, size_t length) {
  for (; strlen(text) >= length; text++)
    if (strncmp(text, piece, length) == 0) return text;
  return NULL;
}

/* Piece by piece, each at the first place where it stands: the next ones then have the most room. */
static bool fits(const char *pattern, const char *text) {
  if (!text) return false;
  bool is_anchored = *pattern == '^';
  if (is_anchored) pattern++;
  while (*pattern && strcmp(pattern, "$") != 0) {
    size_t length = piece_length(pattern);
    bool is_last = strcmp(pattern + length, "$") == 0;
    const char *at = is_last && strlen(text) >= length && !is_anchored ? text + strlen(text) - length
                                                                       : find(text, pattern, length);
    if (!at || strncmp(at, pattern, length) != 0 || (is_anchored && at != text)) return false;
    is_anchored = false;
    text = at + length;
    pattern += length;
    if (*pattern != '*') continue;
    while (*pattern == '*') pattern++;
    if (!*pattern || strcmp(pattern, "$") == 0) return true;
  }
  return strcmp(pattern, "$") != 0 || *text == '\0';
}
