/*
 * units.c: numbers to words.
 */
#include "view/units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SHARE_MOST 1e18 /* in thousandths: of what nobody measures, a number that has room */

struct words units_bytes(uint64_t bytes) {
  static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  struct words words;
  if (bytes < 1000) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 " B", bytes);
    return words;
  }
  /* A unit ends where it would need a fourth digit: 1000 KiB is 1.0 MiB. */
  double amount = (double)bytes / 1024;
  size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++) amount /= 1024;
  snprintf(words.chars, sizeof words.chars, "%.1f %s", amount, units[unit]);
  return words;
}

struct words units_balance(int64_t bytes) {
  struct words words = units_bytes(bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes), signed_words;
  if (bytes >= 0) return words;
  snprintf(signed_words.chars, sizeof signed_words.chars, "-%.40s", words.chars);
  return signed_words;
}

static struct words with_plus(struct words words, bool has_plus) {
  struct words signed_words;
  snprintf(signed_words.chars, sizeof signed_words.chars, "%s%.46s", has_plus ? "+" : "", words.chars);
  return signed_words;
}

struct words units_growth(int64_t bytes) {
  return with_plus(units_balance(bytes), bytes > 0);
}

struct words units_rate(int64_t bytes) {
  struct words words = units_growth(bytes), rate;
  snprintf(rate.chars, sizeof rate.chars, "%.40s/h", words.chars);
  return rate;
}

struct words units_more(int64_t count) {
  struct words words = units_count(count < 0 ? 0 - (uint64_t)count : (uint64_t)count), signed_words;
  if (count >= 0) return with_plus(words, count > 0);
  snprintf(signed_words.chars, sizeof signed_words.chars, "-%.40s", words.chars);
  return signed_words;
}

struct words units_count(uint64_t count) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
  struct words words;
  char *to = words.chars;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) *to++ = ',';
    *to++ = digits[i];
  }
  *to = 0;
  return words;
}

struct words units_seconds(double seconds) {
  struct words words;
  uint64_t whole = seconds < 0 ? 0 : seconds > 1e15 ? (uint64_t)1e15 : (uint64_t)seconds;
  if (whole < 60) {
    snprintf(words.chars, sizeof words.chars, "%.2f s",
             seconds < 0 ? 0 : (double)(uint64_t)(seconds * 100) / 100);
  } else if (whole < 3600) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 " min %02" PRIu64 " s", whole / 60, whole % 60);
  } else if (whole < 86400) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600,
             whole / 60 % 60);
  } else {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 " d %02" PRIu64 " h", whole / 86400,
             whole / 3600 % 24);
  }
  return words;
}

struct words units_length(uint64_t ns) {
  struct words words;
  if (ns < 1000) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 " ns", ns);
  } else if (ns < 1000000) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 ".%" PRIu64 " µs", ns / 1000, ns / 100 % 10);
  } else if (ns < 1000000000) {
    snprintf(words.chars, sizeof words.chars, "%" PRIu64 ".%" PRIu64 " ms", ns / 1000000, ns / 100000 % 10);
  } else {
    words = units_seconds((double)ns / 1e9);
  }
  return words;
}

struct words units_since(uint64_t ns) {
  struct words words;
  snprintf(words.chars, sizeof words.chars, "%" PRIu64 ".%06u s", ns / 1000000000u,
           (unsigned)(ns / 1000u % 1000000u));
  return words;
}

struct words units_moment(uint64_t epoch_ns) {
  struct words words = {""};
  time_t seconds = (time_t)(epoch_ns / 1000000000u);
  struct tm utc;
  char date[32];
  if (!gmtime_r(&seconds, &utc) || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) == 0) return words;
  snprintf(words.chars, sizeof words.chars, "%s.%03uZ", date, (unsigned)(epoch_ns / 1000000u % 1000u));
  return words;
}

struct words units_share(uint64_t part, uint64_t whole) {
  struct words words = {"-"};
  if (whole == 0) return words;
  double ratio = (double)part / (double)whole * 1000;
  uint64_t permille = ratio < SHARE_MOST ? (uint64_t)ratio : (uint64_t)SHARE_MOST;
  if (permille >= 1000 && part < whole) permille = 999;
  snprintf(words.chars, sizeof words.chars, "%" PRIu64 ".%" PRIu64 " %%", permille / 10, permille % 10);
  return words;
}

struct words units_signal(int signal) {
  struct words words;
  const char *name = sigabbrev_np(signal);
  if (name) {
    snprintf(words.chars, sizeof words.chars, "%d (SIG%s)", signal, name);
  } else {
    snprintf(words.chars, sizeof words.chars, "%d", signal);
  }
  return words;
}
