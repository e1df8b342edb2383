/*
 * screen.c: see screen.h.
 */
#include "top/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "view/terminal.h"

#define CELLS_MOST    1024 /* of one text */
#define ESCAPE_MS     25   /* what follows so soon behind ESC is a key */
#define COLOURS_LEAST 8

static SCREEN *screen;
static bool is_utf8;
static attr_t inks[INKS];

static int check_terminal(struct fault *ret_fault);
static int refuse(struct fault *ret_fault);
static void mix_inks(bool has_colours);
static attr_t attributes(enum ink ink, bool is_selected);
static const char *next_cell(const char *text, wchar_t *ret_cell, unsigned *ret_width);

int screen_begin(struct fault *ret_fault) {
  int error = check_terminal(ret_fault);
  if (error) return error;
  setlocale(LC_CTYPE, "");
  is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  screen = newterm(NULL, stdout, stdin);
  const char *move_to = screen ? tigetstr("cup") : NULL;
  if (!move_to || move_to == (const char *)-1) {
    screen_end();
    return refuse(ret_fault);
  }
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(ESCAPE_MS);
  mix_inks(terminal_takes_colour(stdout) && has_colors());
  screen_resize();
  return 0;
}

static int check_terminal(struct fault *ret_fault) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
    return fault_set(ret_fault, -ENOTTY, "%s is no terminal; --once prints once, to anything",
                     isatty(STDOUT_FILENO) ? "stdin" : "stdout");
  }
  if (!terminal_is_there(stdout)) return refuse(ret_fault);
  return 0;
}

static int refuse(struct fault *ret_fault) {
  const char *term = getenv("TERM");
  return fault_set(ret_fault, -ENODEV,
                   "a terminal of the kind `%.60s` (TERM) cannot be drawn on; --once prints once",
                   term ? term : "");
}

void screen_end(void) {
  if (!screen) return;
  screen_suspend();
  delscreen(screen);
  screen = NULL;
}

/* Where there is only one screen, the shell goes on in its last line. */
void screen_suspend(void) {
  move(LINES - 1, 0);
  clrtoeol();
  refresh();
  endwin();
}

void screen_resume(void) {
  reset_prog_mode();
  screen_resize();
  screen_redraw();
}

/* LINES and COLUMNS are of when the shell was asked; the terminal says what it is now. */
void screen_resize(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  if (size.ws_row != LINES || size.ws_col != COLS) resizeterm(size.ws_row, size.ws_col);
}

unsigned screen_lines(void) {
  return (unsigned)LINES;
}

unsigned screen_columns(void) {
  return (unsigned)COLS;
}

bool screen_is_ascii(void) {
  return !is_utf8;
}

void screen_clear(void) {
  erase();
  curs_set(0);
}

void screen_show(void) {
  refresh();
}

void screen_redraw(void) {
  clearok(curscr, TRUE);
}

/* ---- inks ------------------------------------------------------------------------------------------------ */

/* The eight colours that every terminal has, as reports do, on the background that the user has. */
static void mix_inks(bool has_colours) {
  static const struct {
    short colour;
    attr_t coloured;
    attr_t plain; /* where there are no colours */
  } recipes[INKS] = {
      [INK_PLAIN] = {-1, A_NORMAL, A_NORMAL},
      [INK_STRONG] = {-1, A_BOLD, A_BOLD},
      [INK_FAINT] = {-1, A_DIM, A_DIM},
      [INK_HEAD] = {-1, A_REVERSE, A_REVERSE},
      [INK_KEY] = {COLOR_CYAN, A_BOLD, A_BOLD},
      [INK_ALARM] = {COLOR_RED, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE},
      [INK_SHARE] = {COLOR_CYAN, A_DIM, A_DIM},
      [INK_COURSE] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
      [INK_OK] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
      [INK_LOW] = {COLOR_YELLOW, A_NORMAL, A_NORMAL},
      [INK_MEDIUM] = {COLOR_YELLOW, A_BOLD, A_BOLD},
      [INK_HIGH] = {COLOR_RED, A_NORMAL, A_BOLD},
      [INK_CRITICAL] = {COLOR_RED, A_BOLD, A_BOLD},
  };
  if (has_colours) start_color();
  has_colours = has_colours && COLORS >= COLOURS_LEAST;
  if (has_colours) use_default_colors();
  for (int i = 0; i < INKS; i++) {
    inks[i] = recipes[i].plain;
    if (!has_colours) continue;
    inks[i] = recipes[i].coloured;
    if (recipes[i].colour < 0 || init_pair((short)(i + 1), recipes[i].colour, -1) != OK) continue;
    inks[i] |= COLOR_PAIR(i + 1);
  }
}

static attr_t attributes(enum ink ink, bool is_selected) {
  return is_selected ? (inks[ink] | A_REVERSE) & ~A_DIM : inks[ink];
}

/* ---- text ------------------------------------------------------------------------------------------------ */

unsigned screen_put(struct screen_place place, const char *text, enum ink ink, bool is_selected) {
  wchar_t cells[CELLS_MOST];
  size_t count = 0, kept = 0;
  unsigned used = 0, kept_columns = 0;
  if (place.line >= screen_lines() || place.column >= screen_columns()) return 0;
  if (place.width > screen_columns() - place.column) place.width = screen_columns() - place.column;
  for (const char *next = text; *next && count + 1 < CELLS_MOST;) {
    unsigned width;
    next = next_cell(next, &cells[count], &width);
    if (used + width > place.width) {
      count = kept;
      used = kept_columns;
      if (place.width > 0) cells[count++] = is_utf8 ? L'…' : L'~', used++;
      break;
    }
    used += width;
    count++;
    if (used < place.width) kept = count, kept_columns = used;
  }
  attrset((int)attributes(ink, is_selected));
  mvaddnwstr((int)place.line, (int)place.column, cells, (int)count);
  return used;
}

void screen_blank(struct screen_place place, enum ink ink, bool is_selected) {
  if (place.line >= screen_lines() || place.column >= screen_columns()) return;
  attrset((int)attributes(ink, is_selected));
  mvhline((int)place.line, (int)place.column, ' ' | attributes(ink, is_selected), (int)place.width);
}

void screen_cursor(unsigned line, unsigned column) {
  curs_set(1);
  move((int)line, (int)column);
}

unsigned screen_width(const char *text) {
  unsigned columns = 0, width;
  wchar_t cell;
  while (*text) {
    text = next_cell(text, &cell, &width);
    columns += width;
  }
  return columns;
}

/* What a terminal has no width for takes one column, as a question mark. */
static const char *next_cell(const char *text, wchar_t *ret_cell, unsigned *ret_width) {
  wchar_t cell = L'?';
  mbstate_t state = {0};
  size_t length = 1;
  if ((unsigned char)*text < 0x80) {
    cell = (wchar_t)*text;
  } else if (is_utf8) {
    length = mbrtowc(&cell, text, strlen(text), &state);
    if (length == (size_t)-1 || length == (size_t)-2) length = 1, cell = L'?';
  } else {
    while (((unsigned char)text[length] & 0xc0) == 0x80) length++;
  }
  int width = wcwidth(cell);
  *ret_cell = width < 0 ? L'?' : cell;
  *ret_width = width < 0 ? 1 : (unsigned)width;
  return text + length;
}

bool screen_key(unsigned *ret_key, bool *ret_is_key) {
  wint_t key;
  int kind = get_wch(&key);
  if (kind == ERR) return false;
  *ret_key = key;
  *ret_is_key = kind == KEY_CODE_YES;
  return true;
}
