/*
 * escape.h: text from outside, made fit for a terminal and for JSON.
 */
#ifndef RATION_TOOL_VIEW_ESCAPE_H
#define RATION_TOOL_VIEW_ESCAPE_H

#include <stddef.h>

/*
 * Copies `bytes` to `ret_text` of `size` bytes, NUL-terminated: control bytes, backslashes and whatever is
 * not valid UTF-8 become \xNN. What does not fit is cut, never in the middle of a character or an escape.
 */
void escape(const char *bytes, char *ret_text, size_t size);

/* The same of a sentence, or of what the user wrote: backslashes stay, since they mean something there. */
void escape_words(const char *bytes, char *ret_text, size_t size);

/*
 * The length of the character at the start of `count` bytes that escape() would leave as it is; 0: it would not.
 */
size_t escape_plain(const char *bytes, size_t count);

/* How many columns the text takes on a terminal: its characters (valid UTF-8, as escape() leaves it), of which East Asian
 * ones take two. */
size_t escape_columns(const char *text);

#endif
