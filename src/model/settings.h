/*
 * settings.h: what RATION_OPTIONS says. One table of options; the grammar of docs/names.md ("Settings").
 *
 * A setting that is not understood keeps its default and is noted, never fatal: the string may have been
 * meant for another version, and a shim does not harm its host.
 */
#ifndef RATION_MODEL_SETTINGS_H
#define RATION_MODEL_SETTINGS_H

#include <ration/segment.h>
#include <stdint.h>

enum follow { FOLLOW_ALL, FOLLOW_EXEC, FOLLOW_NONE };

struct settings {
  int keep;
  int verbose;
  enum follow follow;
  int fits_only;                           /* `only` has this program, or is not set */
  int fits_not;                            /* `not` has it */
  uint64_t ignored;                        /* settings not understood */
  char ignored_text[RATION_IGNORED_BYTES]; /* each on a line: "NAME=VALUE: why" */
};

/* The program is one to track. */
static inline int settings_may_track(const struct settings *settings) {
  return settings->fits_only && !settings->fits_not;
}

/* Reads `options` (NULL: none) for a program of this file name. */
void settings_read(const char *options, const char *program, struct settings *ret_settings);

#endif
