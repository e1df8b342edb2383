/*
 * dlclose.c: a module goes, and its addresses will be used again.
 *
 * What is known of addresses is forgotten both before (code that runs while the module is torn down may be looked
 * up) and after (what was looked up meanwhile is no longer true). dlclose, unlike dlopen, does not care who calls.
 * What libc closes for itself does not come by here: see the tags of track/caller.c.
 */
#include <dlfcn.h>

#include "os/next.h"
#include "shim/surface.h"
#include "track/caller.h"

EXPORT int dlclose(void *handle) {
  caller_forget_modules();
  int result = next_close(handle);
  caller_forget_modules();
  return result;
}
