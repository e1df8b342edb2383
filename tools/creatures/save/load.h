/*
 * load.h: reads a saved world. First all of the file is checked, and only then what is in it made into a world, which must
 * be new, with the settings of the file.
 */
#ifndef CREATURES_SAVE_LOAD_H
#define CREATURES_SAVE_LOAD_H

#include "simulation.h"

struct load;

struct load_settings {
  uint64_t seed, creatures;
  uint64_t limits[RATION_LIMITS_DEFAULTS];
};

/* 0, or -errno and in *ret_wrong one line that is good until the next call: the file is not there, is no saved world, of
   another version or machine, truncated, corrupted, or has bytes behind its end. */
int load_open(struct load **ret_load, const char *file, const char **ret_wrong);
void load_close(struct load *load);

const struct load_settings *load_settings(const struct load *load);

/* Into a world without creatures; again after a failure, into another. -ENOMEM: the budget is too small for them; -EBADMSG. */
int load_into(struct load *load, struct simulation *simulation, const char **ret_wrong);

#endif
