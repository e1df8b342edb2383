/*
 * options.h: what a run is to be, from the command line.
 */
#ifndef CREATURES_OPTIONS_H
#define CREATURES_OPTIONS_H

#include "simulation.h"

#define STATUS_WRONG  2 /* wrong usage */
#define STATUS_UNABLE 3 /* a file that is not there or not right; a budget that is too small */

struct options {
  struct simulation_settings settings;
  uint64_t frames;  /* to run */
  const char *save; /* a file; NULL */
  int is_json, is_view;
};

/* 0; or a status to end with, after one line on stderr that names what is wrong. Ends the program by itself for --help. */
int options_parse(struct options *ret_options, int argc, char **argv);

/* One line on stderr, in front of which the program is named. Returns the status. */
int options_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number with K, M, G or T behind it, of 1024s: 0, or -EINVAL: no such number, -ERANGE: it is too large. */
int options_read_size(const char *text, uint64_t *ret_bytes);

#endif
