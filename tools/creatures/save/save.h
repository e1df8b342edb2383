/*
 * save.h: writes a whole world to a file: under another name in the same folder first, and under its own when all of it
 * is on the disk. What was there before stays until then, and where anything fails.
 */
#ifndef CREATURES_SAVE_SAVE_H
#define CREATURES_SAVE_SAVE_H

#include "simulation.h"

/* 0, or -errno and in *ret_wrong one line that is good until the next call: -EINVAL: what is there is no file. Of a link
   what it leads to is written. */
int save_write(const struct simulation *simulation, const char *file, const char **ret_wrong);

/* Whether a file of that name could be written, before a long run. As above. */
int save_check(const char *file, const char **ret_wrong);

#endif
