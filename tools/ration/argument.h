/*
 * argument.h: values of options that several commands take. What is wrong is said, in the option's name.
 */
#ifndef RATION_TOOL_ARGUMENT_H
#define RATION_TOOL_ARGUMENT_H

#include <argp.h>
#include <stdint.h>

/* These return 0, or COMMAND_COMPLAINED. */

/* A number in decimal. */
error_t argument_number(const char *option, const char *argument, uint32_t *ret_number);

/* A folder that is there: one that is misspelt would show in nothing but names that are missing. */
error_t argument_folder(const char *option, const char *argument, const char **ret_folder);

#endif
