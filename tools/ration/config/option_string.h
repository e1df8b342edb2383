/*
 * option_string.h: settings as one string, NAME=VALUE parted by commas: RATION_OPTIONS, and what --set takes.
 */
#ifndef RATION_TOOL_CONFIG_OPTION_STRING_H
#define RATION_TOOL_CONFIG_OPTION_STRING_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/fault.h"

/* What the kernel lets one variable have is 128 KiB: "RATION_OPTIONS=" and a NUL are part of that. */
#define OPTION_STRING_MOST ((size_t)128 * 1024 - sizeof "RATION_OPTIONS=")

/* The rules that the segment has room for (include/ration/segment.h, tables of rules and of their text). */
#define OPTION_RULES_MOST      1024
#define OPTION_RULE_TEXT_BYTES 65536

/*
 * Checks a string and gives it as the shim is to get it: empty settings left out, C++ names mangled, all else as it
 * is. The caller frees it. Returns 0; -EINVAL with words that name the setting and what was expected; -ENOMEM.
 */
int option_string_translate(const char *text, char **ret_string, struct fault *ret_fault);

/* `old` (may be NULL), then `more`. The caller frees it. NULL: no memory. */
char *option_string_join(const char *old, const char *more);

/* Of a string that was translated: may all of it be changed while the program runs? */
bool option_string_is_live(const char *string);

/* Can the shim take all of a string that was translated? Returns 0, or -EINVAL or -ENOMEM with words. */
int option_string_check_room(const char *string, struct fault *ret_fault);

#endif
