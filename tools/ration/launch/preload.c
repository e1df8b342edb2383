/*
 * preload.c: where the shim lies, and strings for the environment.
 */
#include "launch/preload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/procfs.h"

#if defined(__x86_64__)
#define MULTIARCH_FOLDER "/../lib/x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH_FOLDER "/../lib/aarch64-linux-gnu"
#elif defined(__riscv)
#define MULTIARCH_FOLDER "/../lib/riscv64-linux-gnu"
#endif

int preload_find(char ret_path[PATH_MAX], struct fault *ret_fault) {
  static const char *const places[] = {"", "/../lib", MULTIARCH_FOLDER};
  char folder[PATH_MAX];
  char path[PATH_MAX * 2];
  int error = procfs_own_folder(folder);
  if (error) return fault_set(ret_fault, error, "cannot tell where it lies: %s", strerror(-error));
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    snprintf(path, sizeof path, "%s%s/libration.so", folder, places[i]);
    if (access(path, R_OK) != 0) continue;
    if (!realpath(path, ret_path)) return fault_set(ret_fault, -errno, "%s: %s", path, strerror(errno));
    if (!strpbrk(ret_path, ": ")) return 0;
    return fault_set(ret_fault, -EINVAL,
                     "%s has a colon or a blank in its path, which LD_PRELOAD cannot hold; "
                     "install it elsewhere",
                     ret_path);
  }
  return fault_set(ret_fault, -ENOENT, "neither beside %s/ration nor in ../lib; install ration as a whole",
                   folder);
}

char *preload_join(const char *shim, const char *old) {
  char *joined;
  const char *separator = old && *old ? ":" : "";
  return asprintf(&joined, "%s%s%s", shim, separator, old ? old : "") < 0 ? NULL : joined;
}
