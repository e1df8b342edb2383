/*
 * settings.h: the settings that a user gives, checked before anything starts.
 */
#ifndef RATION_TOOL_LAUNCH_SETTINGS_H
#define RATION_TOOL_LAUNCH_SETTINGS_H

#include "reader/fault.h"

/*
 * Checks an option string, NAME=VALUE parted by commas, as docs/names.md has it. Returns 0, or -EINVAL with
 * words that name the setting and what was expected.
 */
int settings_check(const char *text, struct fault *ret_fault);

#endif
