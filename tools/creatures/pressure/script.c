/*
 * script.c: reads a script, and says which line is due.
 */
#include "pressure/script.h"

#include <errno.h>
#include <ration/ration.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS    5
#define LINE_MOST 254u /* bytes */

struct place {
  const char *file;
  unsigned line;
};

static int read_lines(struct script *script, FILE *stream, const char *file);
static int fetch_line(FILE *stream, char *ret_text, const struct place *place, int *ret_has_more);
static int read_line(struct script *script, char *text, const struct place *place);
static int read_level(const char *word);
static int complain(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char wrong[512];
static const char *const level_words[LEVELS] = {"none", "low", "medium", "high", "critical"};

int script_read(struct script *script, struct ration_memory *memory, const char *file,
                const char **ret_wrong) {
  struct script made = {.next = 0};
  FILE *stream;
  *ret_wrong = wrong;
  RATION_SCOPE("temporary") {
    stream = fopen(file, "re");
  }
  if (!stream) return complain(-errno, "%s: cannot be read: %s", file, strerror(errno));
  int error = script_lines_init(&made.lines, memory, NULL);
  RATION_SCOPE("temporary") {
    if (!error) error = read_lines(&made, stream, file);
  }
  fclose(stream);
  if (error == -ENOMEM) complain(error, "%s: no memory for its lines", file);
  if (error)
    script_done(&made);
  else
    *script = made;
  return error;
}

void script_done(struct script *script) {
  script_lines_done(&script->lines);
  script->next = 0;
}

int script_take(struct script *script, uint32_t frame, uint32_t *ret_level) {
  const struct script_line *line = NULL;
  for (; script->next < script_lines_count(&script->lines); script->next++) {
    const struct script_line *next = script_lines_at(&script->lines, script->next);
    if (next->frame > frame) break;
    line = next;
  }
  if (line) *ret_level = line->level;
  return line != NULL;
}

static int read_lines(struct script *script, FILE *stream, const char *file) {
  struct place place = {.file = file};
  char text[LINE_MOST + 1];
  int error = 0, has_more = 1;
  while (!error && has_more) {
    place.line++;
    error = fetch_line(stream, text, &place, &has_more);
    if (!error) error = read_line(script, text, &place);
  }
  return error;
}

/* Up to its end, or the file's. A byte of zero is in no text: what has none else would be a line without an end. */
static int fetch_line(FILE *stream, char *ret_text, const struct place *place, int *ret_has_more) {
  size_t length = 0;
  int byte;
  while ((byte = getc(stream)) != EOF && byte != '\n') {
    if (!byte) return complain(-EINVAL, "%s:%u: a byte of zero: it is no text", place->file, place->line);
    if (length == LINE_MOST)
      return complain(-EINVAL, "%s:%u: longer than %u bytes", place->file, place->line, LINE_MOST);
    ret_text[length++] = (char)byte;
  }
  if (ferror(stream)) return complain(-EIO, "%s: cannot be read: %s", place->file, strerror(errno));
  ret_text[length] = '\0';
  *ret_has_more = byte != EOF;
  return 0;
}

static int read_line(struct script *script, char *text, const struct place *place) {
  static const char blanks[] = " \t\r\n";
  char *rest = NULL, *end = NULL;
  text[strcspn(text, "#")] = '\0';
  const char *number = strtok_r(text, blanks, &rest), *word = strtok_r(NULL, blanks, &rest);
  if (!number) return 0;
  errno = 0;
  unsigned long frame = strtoul(number, &end, 10);
  if (errno || *end || *number < '0' || *number > '9' || frame >= UINT32_MAX)
    return complain(-EINVAL, "%s:%u: `%.32s` is no frame: FRAME LEVEL is a line", place->file, place->line,
                    number);
  int level = word ? read_level(word) : -1;
  if (level < 0)
    return complain(-EINVAL, "%s:%u: `%.32s` is no level: none, low, medium, high or critical", place->file,
                    place->line, word ? word : "");
  const char *more = strtok_r(NULL, blanks, &rest);
  if (more)
    return complain(-EINVAL, "%s:%u: `%.32s` is too much: FRAME LEVEL is a line", place->file, place->line,
                    more);
  size_t count = script_lines_count(&script->lines);
  if (count && script_lines_at(&script->lines, count - 1)->frame >= frame)
    return complain(-EINVAL, "%s:%u: frame %lu is not after the one before: put them in order", place->file,
                    place->line, frame);
  struct script_line line = {.frame = (uint32_t)frame, .level = (uint32_t)level};
  return script_lines_push(&script->lines, line);
}

static int read_level(const char *word) {
  for (int i = 0; i < LEVELS; i++)
    if (!strcmp(word, level_words[i])) return i;
  return -1;
}

static int complain(int error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(wrong, sizeof wrong, format, arguments);
  va_end(arguments);
  return error;
}
