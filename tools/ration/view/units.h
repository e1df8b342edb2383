/*
 * units.h: numbers as people read them: bytes, counts, times, shares.
 */
#ifndef RATION_TOOL_VIEW_UNITS_H
#define RATION_TOOL_VIEW_UNITS_H

#include <stdint.h>

/* A short text, by value. */
struct words {
  char chars[48];
};

struct words units_bytes(uint64_t bytes);     /* "512 B", "64.0 KiB", "1.2 MiB" (1024s) */
struct words units_balance(int64_t bytes);    /* the same with a sign where it is below 0: "-64.0 KiB" */
struct words units_growth(int64_t bytes);     /* the same always with its sign: "+64.0 KiB", "0 B" */
struct words units_rate(int64_t bytes);       /* of bytes an hour: "+64.0 KiB/h", "0 B/h" */
struct words units_more(int64_t count);       /* "+1,204,331", "-3", "0" */
struct words units_count(uint64_t count);     /* "1,204,331" */
struct words units_seconds(double seconds);   /* "1.84 s", "3 min 12 s", "2 h 05 min", "3 d 04 h" */
struct words units_length(uint64_t ns);       /* "812 ns", "1.2 µs", "340.0 ms", then as seconds */
struct words units_since(uint64_t ns);        /* "3725.123456 s" */
struct words units_moment(uint64_t epoch_ns); /* RFC 3339, in UTC: "2026-02-03T04:05:06.789Z" */

/* "99.9 %", never rounded up, so that 100.0 % means all; "104.1 %" of more than the whole; "-" of nothing. */
struct words units_share(uint64_t part, uint64_t whole);

/* A signal's number and name: "9 (SIGKILL)". */
struct words units_signal(int signal);

#endif
