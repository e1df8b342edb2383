/*
 * raw_lines.h: a rule file, line by line, before inih sees it: what its lines are, and that they are text.
 *
 * inih reads into a buffer of 200 bytes, keeps 49 of a section's name and of a key's, and cuts what is longer without
 * a word. So each line is looked at here first, and handed on in pieces that fit.
 */
#ifndef RATION_TOOL_CONFIG_RAW_LINES_H
#define RATION_TOOL_CONFIG_RAW_LINES_H

#include "config/stretch.h"
#include "reader/fault.h"

#define RAW_NAME_MOST 49

struct raw_lines {
  struct stretch rest;
  int number;         /* of the line read last, from 1 */
  struct stretch key; /* what an indented line goes on with; none behind a section's header */
};

enum raw_kind {
  RAW_END,
  RAW_SECTION, /* name: what stands between the brackets */
  RAW_KEY,     /* name and value */
  RAW_MORE,    /* an indented line: more of the value, under the name of the key before */
};

/* Both point into the file; without blanks at their ends, and without a comment behind. */
struct raw_line {
  enum raw_kind kind;
  struct stretch name, value;
};

/* Starts with a file's bytes, which stay where they are; a byte order mark is passed over. */
struct raw_lines raw_lines_of(struct stretch file);

/* The next line that is neither blank nor a comment. Returns 0, or -EINVAL with words about line `number`. */
int raw_lines_next(struct raw_lines *lines, struct raw_line *ret_line, struct fault *ret_fault);

/*
 * How much of `value` may go to inih as one piece of at most `room` bytes: it strips blanks from both ends, so a cut
 * must not lie at one. 0: there is no such place.
 */
size_t raw_piece(struct stretch value, size_t room);

#endif
