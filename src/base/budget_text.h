/*
 * budget_text.h: how the properties of a budget are written (docs/names.md, "Settings"): for the shim, which follows
 * them, and for the command-line tool, which checks them first.
 *
 * Each reader returns 0, or -1: it is not that, and what to expect stands beside it as a macro.
 */
#ifndef RATION_BASE_BUDGET_TEXT_H
#define RATION_BASE_BUDGET_TEXT_H

#include <stdint.h>

#include "base/text.h"

#define BUDGET_BYTES_MOST ((UINT64_C(1) << 47) - 1)
#define BUDGET_SHARE_ONE  10000 /* shares are kept in parts of ten thousand */

enum limit_kind { LIMIT_UNSAID, LIMIT_NONE, LIMIT_BYTES, LIMIT_SHARE, LIMIT_RAM, LIMIT_CGROUP };

/* Bytes, or a share: of an ancestor's budget (of its own, for a reserve), of the machine's memory, of the cgroup's. */
struct limit {
  uint32_t kind;
  uint64_t value;
};

/* Percent with up to two decimals, over 0 and at most 100. Returns how many bytes were read, the sign among them. */
static inline size_t budget_read_share(const char *text, uint64_t *ret_share) {
  uint64_t whole, part = 0;
  size_t at = text_read_decimal(text, &whole);
  if (!at || whole > 100) return 0;
  if (text[at] == '.') {
    size_t digits = text_read_decimal(text + at + 1, &part);
    if (digits < 1 || digits > 2) return 0;
    if (digits == 1) part *= 10;
    at += digits + 1;
  }
  uint64_t share = whole * 100 + part;
  if (text[at] != '%' || share == 0 || share > BUDGET_SHARE_ONE) return 0;
  *ret_share = share;
  return at + 1;
}

static inline int budget_read_whole_share(const char *text, uint64_t *ret_share) {
  size_t at = budget_read_share(text, ret_share);
  return at && !text[at] ? 0 : -1;
}

/* Bytes from 1 to BUDGET_BYTES_MOST. */
static inline int budget_read_bytes(const char *text, uint64_t *ret_bytes) {
  uint64_t bytes;
  size_t at = text_read_size(text, &bytes);
  if (!at || text[at] || bytes == 0 || bytes > BUDGET_BYTES_MOST) return -1;
  *ret_bytes = bytes;
  return 0;
}

/* What stands behind the word, if the text begins with it; else NULL. */
static inline const char *budget_behind(const char *text, const char *word) {
  size_t at = 0;
  while (word[at] && text[at] == word[at]) at++;
  return word[at] ? NULL : text + at;
}

#define BUDGET_LIMIT_EXPECTED                                                                                \
  "a size from 1 to 127T, a share like 40% (over 0, at most 100), ram:50%, cgroup:80% or none expected"
static inline int budget_read_limit(const char *text, struct limit *ret_limit) {
  struct limit limit = {.kind = LIMIT_BYTES};
  const char *rest;
  int result;
  if (text_is_equal(text, "none")) {
    limit.kind = LIMIT_NONE;
    result = 0;
  } else if ((rest = budget_behind(text, "ram:"))) {
    limit.kind = LIMIT_RAM;
    result = budget_read_whole_share(rest, &limit.value);
  } else if ((rest = budget_behind(text, "cgroup:"))) {
    limit.kind = LIMIT_CGROUP;
    result = budget_read_whole_share(rest, &limit.value);
  } else if (budget_read_whole_share(text, &limit.value) == 0) {
    limit.kind = LIMIT_SHARE;
    result = 0;
  } else {
    result = budget_read_bytes(text, &limit.value);
  }
  if (result == 0) *ret_limit = limit;
  return result;
}

/*
 * Is NAME=VALUE, where NAME is no option, meant for a category and its budget? What looks like one is, so that it can be
 * told what is wrong with it. A bare number below 1000 is more likely an option's that is misspelt; NAME.budget takes it.
 */
static inline int budget_is_meant(const char *value) {
  struct limit limit;
  uint64_t number;
  size_t digits = text_read_decimal(value, &number);
  if (digits && !value[digits] && number < 1000) return 0;
  if ((value[0] >= '0' && value[0] <= '9') || value[0] == '-') return 1;
  return budget_behind(value, "ram:") || budget_behind(value, "cgroup:") ||
         budget_read_limit(value, &limit) == 0;
}

#define BUDGET_RESERVE_EXPECTED "a size, a share of the budget like 5%, or none expected"
static inline int budget_read_reserve(const char *text, struct limit *ret_limit) {
  struct limit limit;
  if (budget_read_limit(text, &limit) < 0 || limit.kind == LIMIT_RAM || limit.kind == LIMIT_CGROUP) return -1;
  *ret_limit = limit;
  return 0;
}

#define BUDGET_GRACE_EXPECTED "a size, or 0 expected"
static inline int budget_read_grace(const char *text, uint64_t *ret_bytes) {
  if (!text_is_equal(text, "0")) return budget_read_bytes(text, ret_bytes);
  *ret_bytes = 0;
  return 0;
}

/* Four percentages in ascending order, a byte each, the first lowest. */
#define BUDGET_THRESHOLDS_EXPECTED "four percentages in ascending order, 1 to 100, expected, like 60/80/90/95"
static inline int budget_read_thresholds(const char *text, uint32_t *ret_thresholds) {
  uint32_t thresholds = 0;
  uint64_t last = 0, percent;
  for (unsigned i = 0; i < 4; i++) {
    size_t at = text_read_decimal(text, &percent);
    if (!at || percent <= last || percent > 100 || text[at] != (i < 3 ? '/' : '\0')) return -1;
    thresholds |= (uint32_t)percent << 8 * i;
    last = percent;
    text += at + 1;
  }
  *ret_thresholds = thresholds;
  return 0;
}

/* Every Nth request, or a share of them: which of the two is not 0. */
struct fault_rate {
  uint64_t every;
  uint64_t share;
};

#define BUDGET_FAIL_EXPECTED "every:N, share:P% or none expected"
static inline int budget_read_fail(const char *text, struct fault_rate *ret_rate) {
  struct fault_rate rate = {0, 0};
  const char *rest = budget_behind(text, "every:");
  if (rest) {
    size_t at = text_read_decimal(rest, &rate.every);
    if (!at || rest[at] || rate.every == 0) return -1;
  } else if ((rest = budget_behind(text, "share:"))) {
    if (budget_read_whole_share(rest, &rate.share) < 0) return -1;
  } else if (!text_is_equal(text, "none")) {
    return -1;
  }
  *ret_rate = rate;
  return 0;
}

/* When a copy of the segment is written: at breaches, at peaks so far above the last, at each growth by so much. */
struct dump_when {
  uint32_t at_breach;
  uint32_t reserved;
  uint64_t peak_bytes; /* 0: not at peaks */
  uint64_t grow_bytes;
};

#define BUDGET_DUMP_EXPECTED "breach, peak:+SIZE, grow:+SIZE, several of them parted by |, or none expected"
static inline int budget_read_dump_part(const char *text, size_t bytes, struct dump_when *when) {
  char part[32];
  const char *rest;
  struct text copy = text_in(part, sizeof part);
  text_add_bytes(&copy, text, bytes);
  if (copy.is_cut) return -1;
  if (text_is_equal(part, "breach")) {
    when->at_breach = 1;
    return 0;
  }
  if ((rest = budget_behind(part, "peak:+"))) return budget_read_bytes(rest, &when->peak_bytes);
  if ((rest = budget_behind(part, "grow:+"))) return budget_read_bytes(rest, &when->grow_bytes);
  return -1;
}

static inline int budget_read_dump(const char *text, struct dump_when *ret_when) {
  struct dump_when when = {0, 0, 0, 0};
  size_t at = 0;
  if (!text_is_equal(text, "none")) {
    for (const char *part = text;; part = text + ++at) {
      while (text[at] && text[at] != '|') at++;
      if (budget_read_dump_part(part, (size_t)(text + at - part), &when) < 0) return -1;
      if (!text[at]) break;
    }
  }
  *ret_when = when;
  return 0;
}

#define BUDGET_POLICY_EXPECTED "notify, refuse or abort expected"

#endif
