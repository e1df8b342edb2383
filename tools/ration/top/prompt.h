/*
 * prompt.h: a line that the user types: a filter, a budget. Pure: characters go in, and what has become of it comes out.
 */
#ifndef RATION_TOOL_TOP_PROMPT_H
#define RATION_TOOL_TOP_PROMPT_H

#include <stdbool.h>

#define PROMPT_BYTES 256

enum prompt_for { PROMPT_NOTHING, PROMPT_FILTER, PROMPT_BUDGET };

struct prompt {
  enum prompt_for what;
  char text[PROMPT_BYTES]; /* UTF-8 */
};

/* Keys that are no characters. */
enum prompt_key { PROMPT_CHARACTER, PROMPT_ENTER, PROMPT_ESCAPE, PROMPT_BACKSPACE };

enum prompt_end { PROMPT_GOES_ON, PROMPT_TAKEN, PROMPT_GIVEN_UP };

void prompt_open(struct prompt *prompt, enum prompt_for what, const char *text);

/* Takes a key; `character` is one of Unicode, or of the control keys that shells have: ^U, ^W. */
enum prompt_end prompt_take(struct prompt *prompt, enum prompt_key key, unsigned character);

#endif
