/*
 * target.h: the program that a command names, found as the shell would, and what will keep the shim out of
 * it.
 */
#ifndef RATION_TOOL_LAUNCH_TARGET_H
#define RATION_TOOL_LAUNCH_TARGET_H

#include <limits.h>

#include "launch/elf.h"

enum hindrance {
  HINDRANCE_NONE,
  HINDRANCE_STATIC,     /* no loader, so nothing is preloaded */
  HINDRANCE_MUSL,       /* another libc */
  HINDRANCE_PRIVILEGED, /* the loader drops the preload */
  HINDRANCE_FOREIGN,    /* another machine */
};

struct target {
  char command[PATH_MAX]; /* the file that the command names */
  char path[PATH_MAX];    /* what is executed for it: through #! lines, the last interpreter */
  enum hindrance hindrance;
};

/*
 * Finds `command` in the folders of `search_path` (NULL: the system's default) unless it has a '/'. Returns
 * 0; -ENOENT; -EACCES: there, but not to be executed; -ELOOP: interpreters without end.
 */
int target_find(const char *command, const char *search_path, struct target *ret_target);

/* Sets what will hinder the program at its path. A file that cannot be read, or is no ELF file, hinders nothing. */
void target_inspect(struct target *target);

/* One sentence for the closing screen, with what to do; for a hindrance only. */
const char *target_hindrance_words(enum hindrance hindrance);

#endif
