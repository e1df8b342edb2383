/*
 * load_creature.h: the part of a saved world that is one creature.
 */
#ifndef CREATURES_SAVE_LOAD_CREATURE_H
#define CREATURES_SAVE_LOAD_CREATURE_H

#include "save/stream.h"
#include "store/creatures.h"

/* Adds the next one. -EBADMSG; -ENOMEM, -ENOSPC: the budget, or a limit, does not let it in. */
int load_creature(struct stream *stream, struct creatures *creatures);

/* Behind the last: what the store has counted so far. */
int load_counts(struct stream *stream, struct creatures *creatures);

#endif
