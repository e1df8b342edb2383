/*
 * complain.h: the one way in which ration says on stderr that something is wrong.
 */
#ifndef RATION_TOOL_COMPLAIN_H
#define RATION_TOOL_COMPLAIN_H

/* Exit statuses, as docs/names.md has them. */
#define STATUS_DONE      0
#define STATUS_BROKEN    1 /* a condition that the user set */
#define STATUS_USAGE     2
#define STATUS_MISSING   3 /* the process, segment or file is not there, not readable, or refuses */
#define STATUS_FAILED    125
#define STATUS_NOT_RUN   126
#define STATUS_NOT_FOUND 127

/* One line: "ration: NAME: words". Control bytes in NAME and words are escaped. */
void complain(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of a line of a file: "ration: FILE:LINE: words". */
void complain_at(const char *file, unsigned line, const char *words);

#endif
