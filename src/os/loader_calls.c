/*
 * loader_calls.c: dlvsym finds dlsym, which cannot be asked for itself; under the version that it has in libc since 2.34,
 * and those that it had in libdl before.
 */
#include "os/loader_calls.h"

#include <dlfcn.h>
#include <stddef.h>

struct loader_calls loader_calls_find(void) {
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
  void *open = NULL, *symbol = NULL;
  for (size_t i = 0; i < sizeof versions / sizeof *versions && !(open && symbol); i++) {
    if (!open) open = dlvsym(RTLD_NEXT, "dlopen", versions[i]);
    if (!symbol) symbol = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
  }
  struct loader_calls found;
  *(void **)&found.open = open;
  *(void **)&found.symbol = symbol;
  return found;
}
