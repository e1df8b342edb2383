/*
 * encounter.h: what two creatures that are beside each other do: meet, fight, court, pair. Whose turn it is, is the one, its
 * nearest neighbour the other. Both have a warm record, but where they pair. What comes of it is told by events.
 */
#ifndef CREATURES_SYSTEMS_ENCOUNTER_H
#define CREATURES_SYSTEMS_ENCOUNTER_H

#include "simulation.h"

/* One of the two, by position. */
struct party {
  uint32_t position;
  uint64_t id;
  struct hot *hot;
  struct warm *warm;
};

struct party encounter_party(const struct simulation *simulation, uint32_t position);

/* Where they have not met lately: EVENT_MET, with how much they like each other more for it. */
void encounter_meet(struct simulation *simulation, struct party *one, struct party *other);

/* One exchange of blows: the weaker is harmed, the stronger a third as much. EVENT_FOUGHT, of who has won. */
void encounter_fight(struct simulation *simulation, struct party *one, struct party *other);

/* Where both can and like to: the one is pregnant from now on. EVENT_COURTED. */
void encounter_court(struct simulation *simulation, struct party *one, struct party *other);

/* The same of one that lives by reflex, with anyone: whom it likes is packed away or forgotten. It will not know whom it was
   with: the child has its genes. Nobody remembers it: no event. */
void encounter_pair(struct simulation *simulation, struct party *one, struct party *other);

#endif
