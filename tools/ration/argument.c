/*
 * argument.c: see argument.h.
 */
#include "argument.h"

#include <sys/stat.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"

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
