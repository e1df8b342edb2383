/*
 * cold.h: what is needed of a creature rarely: when it breeds, remembers, is met, is saved. What grows lies in pages of
 * the store's pools (store/memories.h, store/relations.h, store/behaviours.h), or packed in an archive
 * (store/archive.h).
 */
#ifndef CREATURES_CREATURE_COLD_H
#define CREATURES_CREATURE_COLD_H

#include <stddef.h>

#include "creature/hot.h"

enum gene {
  GENE_SPEED,
  GENE_SENSE,
  GENE_METABOLISM,
  GENE_SIZE,
  GENE_AGGRESSION,
  GENE_COURAGE,
  GENE_SOCIABILITY,
  GENE_CURIOSITY,
  GENE_FERTILITY,
  GENE_LONGEVITY,
  GENE_AGILITY,
  GENE_CALM,
  GENE_IMMUNITY,
  GENE_HUE,
  GENE_KIND,
  GENE_MUTATION, /* how far its children's genes stray */
  GENES
};

/* Each 0 to 1. */
struct genetics {
  float genes[GENES];
};

struct biography {
  uint64_t mother, father; /* ids; 0: it was there at the start */
  uint32_t born_at;        /* frame */
  uint32_t generation;
  uint32_t children, meals, fights, fights_won, flights, friends;
  float lifespan;   /* seconds */
  uint32_t bred_at; /* frame */
  uint32_t diseases;
  uint32_t spare;
};

enum memory_kind {
  MEMORY_FOOD,
  MEMORY_HUNGER,
  MEMORY_FIGHT,
  MEMORY_FLIGHT,
  MEMORY_MEETING,
  MEMORY_BIRTH,
  MEMORY_PLACE
};

struct memory {
  uint64_t other_id; /* 0: nobody */
  float x, y;
  uint32_t frame;
  uint16_t kind; /* enum memory_kind */
  uint16_t spare;
  float value;  /* how good it was: -1 to 1 */
  float weight; /* how much it matters: 0 to 1 */
};

struct relation {
  uint64_t other_id;
  float liking;    /* -1 to 1 */
  uint32_t met_at; /* frame */
};

enum stimulus {
  STIMULUS_FOE_NEAR,
  STIMULUS_STRANGER_NEAR,
  STIMULUS_CROWD,
  STIMULUS_HUNGER,
  STIMULUS_FOOD_NEAR,
  STIMULI
};

/* What it has learned: in this situation, this action is so much better, or worse, than it was born to think. */
struct behaviour {
  uint16_t stimulus;   /* enum stimulus */
  uint16_t action;     /* enum creature_action */
  float weight;        /* -1 to 1 */
  uint32_t learned_at; /* frame */
};

struct memory_page;
struct relation_page;
struct behaviour_page;
struct archive;

/* The oldest memory is the `first` of the oldest page; pages lead from older to newer. */
struct memories {
  struct memory_page *oldest, *newest;
  uint32_t first;
  uint32_t count;
};

struct cold {
  alignas(64) struct genetics genetics;
  struct biography biography;
  struct memories memories;
  struct relation_page *relations;   /* NULL: none yet */
  struct behaviour_page *behaviours; /* likewise */
  struct archive *archive;           /* what was packed of the three; NULL: nothing is */
  uint32_t used_at;                  /* frame in which memories, relations or behaviours were used last */
  uint32_t spare[3];
};

_Static_assert(sizeof(struct genetics) == 64, "one cache line");
_Static_assert(sizeof(struct biography) == 64, "one cache line");
_Static_assert(sizeof(struct memory) == 32, "two to a cache line");
_Static_assert(sizeof(struct relation) == 16, "four to a cache line");
_Static_assert(sizeof(struct behaviour) == 12, "as small as it can be");
_Static_assert(sizeof(struct cold) == 192, "three cache lines");

#endif
