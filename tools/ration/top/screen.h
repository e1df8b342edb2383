/*
 * screen.h: the terminal, whole, as ncurses has it: lines of text in inks, and keys. From screen_begin() until screen_end()
 * it is not as it was, so whoever ends in between calls that first.
 *
 * Text is what escape() leaves. It takes as many columns as the terminal gives it; where the locale is not one of UTF-8,
 * characters beyond ASCII become question marks.
 */
#ifndef RATION_TOOL_TOP_SCREEN_H
#define RATION_TOOL_TOP_SCREEN_H

#include <stdbool.h>

#include "reader/fault.h"

enum ink {
  INK_PLAIN,
  INK_STRONG,
  INK_FAINT,
  INK_HEAD, /* the headings of columns */
  INK_KEY,
  INK_ALARM, /* what must not be missed */
  INK_SHARE, /* bars of no budget */
  INK_COURSE,
  INK_OK, /* the levels of a budget, from none on */
  INK_LOW,
  INK_MEDIUM,
  INK_HIGH,
  INK_CRITICAL,
};
#define INKS (INK_CRITICAL + 1)

/* Returns 0; -ENOTTY: stdin or stdout is no terminal; -ENODEV: TERM is of one that cannot be drawn on; with words. */
int screen_begin(struct fault *ret_fault);
void screen_end(void);

/* The terminal is given back for as long as the program is stopped. */
void screen_suspend(void);
void screen_resume(void);

/* Takes the terminal's size anew. */
void screen_resize(void);
unsigned screen_lines(void);
unsigned screen_columns(void);

bool screen_is_ascii(void);

/* Empties what is drawn; shows it. */
void screen_clear(void);
void screen_show(void);
void screen_redraw(void); /* all of it, whatever the terminal shows by now */

/* Draws text from a place on, on at most `width` columns; what is cut ends in `…`. Returns how many columns it took. */
struct screen_place {
  unsigned line;
  unsigned column;
  unsigned width;
};
unsigned screen_put(struct screen_place place, const char *text, enum ink ink, bool is_selected);

/* The rest of a place in the same manner. */
void screen_blank(struct screen_place place, enum ink ink, bool is_selected);

/* Where the cursor blinks; none after screen_clear(). */
void screen_cursor(unsigned line, unsigned column);

/* How many columns a text takes. */
unsigned screen_width(const char *text);

/* The next key: a character, or KEY_... of curses.h (then *ret_is_key). False: there is none by now. */
bool screen_key(unsigned *ret_key, bool *ret_is_key);

#endif
