/*
 * decay_text.h: how the option `decay` is written (docs/names.md, "Settings"): for the shim, which follows it, and for the
 * command-line tool, which checks it first.
 */
#ifndef RATION_BASE_DECAY_TEXT_H
#define RATION_BASE_DECAY_TEXT_H

#include "base/text.h"

#define DECAY_DEFAULT_MS UINT64_C(1000)
#define DECAY_MOST_MS    UINT64_C(86400000) /* a day */
#define DECAY_NEVER      ((uint64_t)INT64_MAX)
#define DECAY_EXPECTED   "milliseconds, at most 86400000 (a day), or never expected"

/* Returns 0 or -1: it is neither. */
static inline int decay_read(const char *text, uint64_t *ret_ms) {
  uint64_t ms = DECAY_NEVER;
  if (!text_is_equal(text, "never")) {
    size_t length = text_read_decimal(text, &ms);
    if (!length || text[length] || ms > DECAY_MOST_MS) return -1;
  }
  *ret_ms = ms;
  return 0;
}

#endif
