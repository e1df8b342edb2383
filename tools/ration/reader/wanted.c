/*
 * wanted.c: a pid or a file.
 */
#include "reader/wanted.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "reader/newest.h"

int wanted_read(const char *wanted, struct process *ret_process, struct fault *ret_fault) {
  if (!wanted) return newest_of_user(ret_process, ret_fault);
  if (wanted[0] == 0) return fault_set(ret_fault, -ERANGE, "empty; name a pid or a segment's file");
  if (wanted[strspn(wanted, "0123456789")] != 0) {
    return process_read(wanted, false, ret_process, ret_fault);
  }
  uint64_t pid;
  if (text_read_decimal(wanted, &pid) == 0 || pid == 0 || pid > INT32_MAX) {
    return fault_set(ret_fault, -ERANGE, "no pid; pids are 1 to %d", INT32_MAX);
  }
  return newest_of_pid((uint32_t)pid, ret_process, ret_fault);
}
