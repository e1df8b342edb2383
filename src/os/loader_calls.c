/*
 * loader_calls.c: dlsym cannot be asked for itself: the list of modules is gone through. On a glibc before 2.35 that is not
 * possible (next.h), and libc's own is asked for by its version, which another preload's would not have.
 */
#include "os/loader_calls.h"

#include <dlfcn.h>
#include <stddef.h>

#include "os/next.h"

static void *find(const void *own, const char *name) {
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
  void *found = next_find_after(own, name);
  for (size_t i = 0; i < sizeof versions / sizeof *versions && !found; i++)
    found = dlvsym(RTLD_NEXT, name, versions[i]);
  return found;
}

struct loader_calls loader_calls_find(const void *own) {
  struct loader_calls found;
  *(void **)&found.open = find(own, "dlopen");
  *(void **)&found.symbol = find(own, "dlsym");
  return found;
}
