/*
 * dlclose.c: a module goes, and its addresses will be used again.
 *
 * What is known of addresses is forgotten both before (code that runs while the module is torn down may be
 * looked up) and after (what was looked up meanwhile is no longer true). dlclose, unlike dlopen, does not
 * care who calls.
 */
#include <dlfcn.h>

#include "base/atomics.h"
#include "os/next.h"
#include "shim/surface.h"
#include "track/caller.h"

static int (*next_dlclose)(void *handle);

EXPORT int dlclose(void *handle) {
  int (*function)(void *) = load_relaxed(&next_dlclose); /* an address in a library that is there already */
  if (!function) {
    struct record *record = thread_go_inside();
    *(void **)&function = next_find("dlclose");
    thread_come_out(record);
    store_relaxed(&next_dlclose, function);
  }
  caller_forget_modules();
  int result = function(handle);
  caller_forget_modules();
  return result;
}
