/*
 * fault.c: the words of a failure.
 */
#include "reader/fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *ret_fault, int error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(ret_fault->words, sizeof ret_fault->words, format, arguments);
  va_end(arguments);
  return error;
}
