/*
 * suppressions.c: a suppression file, and behind the last NUL of the input a name that its patterns are held against.
 */
#include "sites/suppressions.h"

#include <stdlib.h>
#include <string.h>

#include "common/fit.h"
#include "common/scratch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char path[PATH_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct suppressions list;
  struct fault fault = {""};
  const uint8_t *cut = size ? memrchr(bytes, 0, size) : NULL;
  size_t count = cut ? (size_t)(cut - bytes) : size;
  char *name =
      cut ? scratch_text(cut + 1, size - count - 1) : scratch_text((const uint8_t *)"operator new", 12);
  struct stack_frame frames[] = {{.function = name, .module = "libc.so.6"}, {.file = name, .line = 3}};
  struct stack stack = {2, frames};
  if (!path[0]) scratch_file_name("suppressions", path);
  scratch_file_write(path, bytes, count);
  if (suppressions_read(path, &list, &fault) == 0) {
    suppressions_fit(&list, &stack);
    suppressions_free(&list);
  } else {
    fit_fault(&fault);
  }
  free(name);
  return 0;
}
