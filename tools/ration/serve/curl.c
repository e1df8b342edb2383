/*
 * curl.c: see curl.h. Whichever library it does TLS with will do.
 */
#include "serve/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int curl_load(struct curl *ret_library, struct fault *ret_fault) {
  static const char *const libraries[] = {"libcurl-gnutls.so.4", "libcurl.so.4", "libcurl-nss.so.4"};
  static const char *const names[] = {
#define NAME(name) "curl_" #name,
      CURL_FUNCTIONS(NAME)
#undef NAME
  };
  void *functions[sizeof names / sizeof *names], *library = NULL;
  _Static_assert(sizeof functions == sizeof *ret_library, "a function for each name");
  for (size_t i = 0; !library && i < sizeof libraries / sizeof *libraries; i++)
    library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fault_set(ret_fault, -ENOENT, "libcurl is missing; install what Debian calls libcurl3-gnutls");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    functions[i] = dlsym(library, names[i]);
    if (!functions[i])
      return fault_set(ret_fault, -ENOENT, "libcurl has no %s; install a newer one", names[i]);
  }
  memcpy(ret_library, functions, sizeof functions);
  return ret_library->global_init(CURL_GLOBAL_DEFAULT) == 0
             ? 0
             : fault_set(ret_fault, -ENOMEM, "not enough memory");
}
