/*
 * sound.h: whether what was read is what a world may have had. A file may add up and yet be none that creatures wrote: its
 * numbers are looked at before anything is chosen, counted or placed by them.
 */
#ifndef CREATURES_SAVE_SOUND_H
#define CREATURES_SAVE_SOUND_H

#include "store/creatures.h"
#include "world/events.h"

/* 1: all numbers are finite, and those that have a range are in it. */
int sound_hot(const struct hot *hot);
int sound_lane(const struct positions_entry *lane);
int sound_look(const struct look *look);
int sound_warm(const struct warm *warm);
int sound_genetics(const struct genetics *genetics);
int sound_biography(const struct biography *biography);
int sound_event(const struct event *event);
int sound_memories(const struct memory *memories, size_t count);
int sound_relations(const struct relation *relations, size_t count);
int sound_behaviours(const struct behaviour *behaviours, size_t count);

#endif
