/*
 * relief.h: the two handlers, polled at the end of each frame: the texture cache (priority 1) sheds first, then the
 * creatures' data (priority 10). Each does what its level says, and what the lower ones say. With a script, real pressure
 * is suppressed, and levels come from it. In earnest the creatures shed in the order of the table, and no more of it than
 * ends the level; by a script all of it, so that a run is the same again.
 *
 *              textures that were not used ...    of creatures ...
 *   low        for 60 s go                        cold data not used for 10 s is archived (Zstandard)
 *   medium     for 10 s go                        and beyond 100 units from the camera warm data is demoted (LZ4)
 *   high       in this frame go                   all cold data is archived, with the 10 newest memories
 *   critical   go, the others have half quality   and those beyond 200 units are simplified
 */
#ifndef CREATURES_PRESSURE_RELIEF_H
#define CREATURES_PRESSURE_RELIEF_H

#include "simulation.h"

#define DEMOTE_BEYOND   100.0f
#define SIMPLIFY_BEYOND 200.0f
#define KEEP_MEMORIES   10u
#define RELIEF_ALL      UINT64_MAX

struct relief_figures {
  uint64_t calls, freed_bytes; /* of both handlers, as they claim */
  double seconds;              /* spent in them */
};

/* script: a file, NULL: none. 0, or -errno and in *ret_wrong one line that says what to do. */
int relief_start(struct simulation *simulation, const char *script, const char **ret_wrong);
void relief_stop(struct simulation *simulation);

/* The end of a frame: the script's level, the handlers that are due; then gives back, a few a frame, what is within reach
   again: warm data near the camera, or anywhere where there is no pressure. */
void relief_poll(struct simulation *simulation);

void relief_stats(const struct simulation *simulation, struct relief_figures *ret_figures);

/* What a saved world has of it, so that a script goes on where it was. */
struct relief_state {
  uint32_t level, ran_at, next, spare;
};
void relief_get_state(const struct simulation *simulation, struct relief_state *ret_state);
void relief_set_state(struct simulation *simulation, const struct relief_state *state);

/* What a handler of creatures does at a level, from the lowest level on, until so many bytes are free: RELIEF_ALL: all of
   it. Bytes freed. */
uint64_t relief_shed_creatures(struct simulation *simulation, int level, uint64_t wanted);

/* The same of textures. */
uint64_t relief_shed_textures(struct simulation *simulation, int level);

#endif
