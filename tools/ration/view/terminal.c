/*
 * terminal.c: the environment first, since a user who sets COLUMNS means it.
 */
#include "view/terminal.h"

#include <stdlib.h>
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
