/*
 * sample_text.h: how the option `sample` is written (docs/names.md, "Settings"): for the shim, which follows it, and for
 * the command-line tool, which checks it first.
 */
#ifndef RATION_BASE_SAMPLE_TEXT_H
#define RATION_BASE_SAMPLE_TEXT_H

#include "base/budget_text.h"
#include "base/text.h"

#define SAMPLE_MEAN_MOST (UINT64_C(1) << 40)
#define SAMPLE_EXPECTED                                                                                      \
  "0, off, on, a size from 1 to 1T, or a share like auto:1% (over 0, at most 100) expected"

struct sample_setting {
  int is_on;
  uint64_t mean;  /* bytes */
  uint32_t share; /* of BUDGET_SHARE_ONE */
};

/* `on` keeps the mean and the share that are there. Returns 0, or -1: it is none of these. */
static inline int sample_read(const char *text, struct sample_setting *ret_sample) {
  struct sample_setting sample = {.is_on = 1, .mean = ret_sample->mean};
  const char *share_text = budget_behind(text, "auto:");
  uint64_t share = 0;
  if (text_is_equal(text, "on")) {
    sample.share = ret_sample->share;
  } else if (text_is_equal(text, "off") || text_is_equal(text, "0")) {
    sample = (struct sample_setting){.mean = ret_sample->mean, .share = ret_sample->share};
  } else if (share_text) {
    if (budget_read_whole_share(share_text, &share) < 0) return -1;
    sample.share = (uint32_t)share;
  } else if (budget_read_bytes(text, &sample.mean) < 0 || sample.mean > SAMPLE_MEAN_MOST) {
    return -1;
  }
  *ret_sample = sample;
  return 0;
}

#endif
