/*
 * argument.h: values of options that several commands take. What is wrong is said, in the option's name.
 */
#ifndef RATION_TOOL_ARGUMENT_H
#define RATION_TOOL_ARGUMENT_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* These return 0, or COMMAND_COMPLAINED; so that a parser can return what they do. */

/* A number in decimal. */
error_t argument_number(const char *option, const char *argument, uint32_t *ret_number);

/* A folder that is there: one that is misspelt would show in nothing but names that are missing. */
error_t argument_folder(const char *option, const char *argument, const char **ret_folder);

/* A session: PID.START, or the one that was started last, of which only a look at all processes can tell the rest. */
struct argument_session {
  const char *text; /* NULL: none was asked for */
  bool is_last;
  uint32_t pid;
  uint64_t start;
};
error_t argument_session(const char *argument, struct argument_session *ret_session);

/* One more of what may be given again and again. ENOMEM: there is no memory. */
struct argument_list {
  const char **text; /* allocated; NULL: none was given */
  size_t count;
};
error_t argument_add(const char *argument, struct argument_list *list);

#endif
