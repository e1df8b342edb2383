/*
 * microhttpd.c: see microhttpd.h.
 */
#include "serve/microhttpd.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libmicrohttpd.so.12"

int microhttpd_load(struct microhttpd *ret_library, struct fault *ret_fault) {
  static const char *const names[] = {
#define NAME(name) "MHD_" #name,
      MICROHTTPD_FUNCTIONS(NAME)
#undef NAME
  };
  void *functions[sizeof names / sizeof *names];
  _Static_assert(sizeof functions == sizeof *ret_library, "a function for each name");
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fault_set(ret_fault, -ENOENT, LIBRARY " is missing; install what Debian calls libmicrohttpd12");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    functions[i] = dlsym(library, names[i]);
    if (!functions[i])
      return fault_set(ret_fault, -ENOENT, LIBRARY " has no %s; install a newer one", names[i]);
  }
  memcpy(ret_library, functions, sizeof functions);
  return 0;
}
