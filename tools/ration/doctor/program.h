/*
 * program.h: the program that a command comes to: found as `ration run` finds it, and where a script names its
 * interpreter by way of env(1), the one that env will start.
 */
#ifndef RATION_TOOL_DOCTOR_PROGRAM_H
#define RATION_TOOL_DOCTOR_PROGRAM_H

#include "launch/target.h"

/* What target_find() returns. */
int program_find(const char *command, const char *search_path, struct target *ret_target);

/* What the #! line of a script has env start; of no such script, -ENOENT. */
#define PROGRAM_NAME_MOST 256
int program_of_env(const char *script, char ret_name[PROGRAM_NAME_MOST]);

#endif
