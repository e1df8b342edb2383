/*
 * terminal.c: the environment first, since a user who sets COLUMNS means it.
 */
#include "view/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

unsigned terminal_columns(void) {
  const char *said = getenv("COLUMNS");
  uint64_t columns = 0;
  struct winsize size;
  if (!said || text_read_decimal(said, &columns) == 0) columns = 0;
  if (columns == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) return TERMINAL_COLUMNS;
  if (columns < TERMINAL_COLUMNS_LEAST) return TERMINAL_COLUMNS_LEAST;
  return columns < TERMINAL_COLUMNS_MOST ? (unsigned)columns : TERMINAL_COLUMNS_MOST;
}

unsigned terminal_lines(void) {
  const char *said = getenv("LINES");
  uint64_t lines = 0;
  struct winsize size;
  if (!said || text_read_decimal(said, &lines) == 0) lines = 0;
  if (lines == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) lines = size.ws_row;
  return lines > 0 && lines < UINT32_MAX ? (unsigned)lines : TERMINAL_LINES;
}

bool terminal_is_there(FILE *to) {
  const char *term = getenv("TERM");
  return isatty(fileno(to)) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_takes_colour(FILE *to) {
  const char *no_colour = getenv("NO_COLOR");
  return terminal_is_there(to) && !(no_colour && *no_colour);
}
