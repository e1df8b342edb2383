/*
 * argument.c: see argument.h.
 */
#include "argument.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "session/member.h"

error_t argument_number(const char *option, const char *argument, uint32_t *ret_number) {
  uint64_t number;
  size_t digits = text_read_decimal(argument, &number);
  if (digits == 0 || argument[digits] != 0 || number > UINT32_MAX) {
    complain(option, "`%s`: a number expected", argument);
    return COMMAND_COMPLAINED;
  }
  *ret_number = (uint32_t)number;
  return 0;
}

error_t argument_folder(const char *option, const char *argument, const char **ret_folder) {
  struct stat found;
  if (stat(argument, &found) == 0 && S_ISDIR(found.st_mode)) {
    *ret_folder = argument;
    return 0;
  }
  complain(option, "`%s`: no folder", argument);
  return COMMAND_COMPLAINED;
}

error_t argument_session(const char *argument, struct argument_session *ret_session) {
  struct argument_session session = {.text = argument, .is_last = strcmp(argument, "last") == 0};
  if (!session.is_last && member_session_read(argument, &session.pid, &session.start) != 0) {
    complain("--session", "`%s`: expected PID.START, as in the column SESSION of `ration list`, or last",
             argument);
    return COMMAND_COMPLAINED;
  }
  *ret_session = session;
  return 0;
}

error_t argument_add(const char *argument, struct argument_list *list) {
  const char **more = realloc(list->text, (list->count + 1) * sizeof *more);
  if (!more) return ENOMEM;
  list->text = more;
  list->text[list->count++] = argument;
  return 0;
}
