/*
 * short_name.h: names of functions that fit a line: those of templates can have thousands of bytes.
 */
#ifndef RATION_TOOL_SITES_SHORT_NAME_H
#define RATION_TOOL_SITES_SHORT_NAME_H

#define SHORT_NAME_COLUMNS 100
#define SHORT_NAME_BYTES   (4 * SHORT_NAME_COLUMNS + 1)

/*
 * The name, as it is where it has no more than so many columns. Else what lies in brackets (template arguments, lists of
 * parameters) is folded into `<…>` and `(…)`, the innermost first, as many levels of them as it takes; and what then is
 * still too long is cut, and ends in `…`.
 */
void short_name(const char *name, char ret_short[SHORT_NAME_BYTES]);

#endif
