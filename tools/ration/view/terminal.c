/*
 * terminal.c: the environment first, since a user who sets COLUMNS means it.
 */
#include "view/terminal.h"

#include <fcntl.h>
#include <linux/major.h>
#include <linux/vt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"

static bool is_there(int fd);
static bool takes_colour(int fd);
static bool is_quiet(dev_t device);

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
  return is_there(fileno(to));
}

bool terminal_takes_colour(FILE *to) {
  return takes_colour(fileno(to));
}

bool terminal_at_takes_colour(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0 || !S_ISCHR(status.st_mode) || !is_quiet(status.st_rdev)) return false;
  int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  bool takes = takes_colour(fd);
  close(fd);
  return takes;
}

static bool is_there(int fd) {
  const char *term = getenv("TERM");
  return isatty(fd) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

static bool takes_colour(int fd) {
  const char *no_colour = getenv("NO_COLOR");
  return is_there(fd) && !(no_colour && *no_colour);
}

/* To open a serial line may ring at its other end, and to open /dev/ptmx makes a terminal. */
static bool is_quiet(dev_t device) {
  unsigned kind = major(device), number = minor(device);
  if (kind == TTY_MAJOR) return number <= MAX_NR_CONSOLES;
  if (kind == TTYAUX_MAJOR) return number == 0;
  return kind >= UNIX98_PTY_SLAVE_MAJOR && kind < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
}
