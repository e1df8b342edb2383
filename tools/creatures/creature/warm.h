/*
 * warm.h: what is needed of a creature often: its movement in every frame, the rest when it is its turn to decide. Each
 * system writes its own component. Units as in hot.h; feelings, likings and weights are 0 to 1, likings -1 to 1.
 */
#ifndef CREATURES_CREATURE_WARM_H
#define CREATURES_CREATURE_WARM_H

#include "creature/hot.h"

/* systems/live.c, and whoever sends it somewhere: systems/act.c. */
struct movement {
  struct vec3 waypoint; /* where it walks to now */
  struct vec3 goal;     /* where its path ends */
  float speed;          /* units a second, at a walk: of its genes */
  float pace;           /* of that: 0 stands, 1 walks, up to 2 runs */
  float agility;        /* of the wanted change of velocity, a second */
  float sense;          /* how far it senses, units: of its genes */
  float walked;         /* in all */
  uint32_t path;        /* in the cache (world/paths.h); 0: straight on */
  uint32_t path_serial; /* so that one that has been dropped is noticed */
  uint16_t step;        /* of the path */
  uint16_t has_goal;
  float metabolism; /* energy a second, at a walk: of its genes */
  uint32_t dies_at; /* frame: of old age */
};

/* systems/perceive.c: what it makes of the percepts of the last frames. */
struct sensory {
  struct vec3 food;   /* where it believes that there is some: sensed, or recalled */
  float food_age;     /* seconds since it was sensed; a large number: never, or it was gone */
  struct vec3 threat; /* where it last met one that it fears */
  float threat_age;
  float crowding;              /* smoothed: others round it */
  float danger;                /* 0 to 1, smoothed: fights and foes round it */
  uint32_t neighbour_is_known; /* 1: a relation of its */
  float neighbour_liking;      /* of that relation */
};

/* What it has learned, of all that is cold, for the situations in which there is no time to look it up: the weight of a
   behaviour in 127ths. */
enum learned {
  LEARNED_FLEE_FOE,      /* STIMULUS_FOE_NEAR: ACTION_FLEE */
  LEARNED_FIGHT_FOE,     /* STIMULUS_FOE_NEAR: ACTION_FIGHT */
  LEARNED_SEEK_FOOD,     /* STIMULUS_HUNGER: ACTION_SEEK_FOOD */
  LEARNED_MEET_STRANGER, /* STIMULUS_STRANGER_NEAR: ACTION_SOCIALISE */
  LEARNED_KINDS
};

/* systems/socialise.c, and who makes it meet others: systems/act.c, systems/remember.c. The few relations that matter
   now; all of them are cold. */
struct social {
  uint64_t friend_id; /* 0: none */
  uint64_t foe_id;
  uint64_t partner_id; /* whom it courted with last */
  float friend_liking, foe_liking;
  float loneliness;  /* 0 to 1 */
  float sociability; /* of its genes */
  uint64_t last_met_id;
  float last_met_age; /* seconds */
  uint32_t relations; /* how many it has */
  uint32_t refused;   /* relations that found no room */
  int8_t learned[LEARNED_KINDS];
};

/* systems/feel.c. */
struct emotional {
  float fear, anger, joy, curiosity, stress, calm; /* calm: how fast feelings fade */
  float courage, aggression;                       /* of its genes, and of what it has learned */
};

enum creature_action { /* what decide chooses among */
                       ACTION_WANDER,
                       ACTION_SEEK_FOOD,
                       ACTION_EAT,
                       ACTION_FLEE,
                       ACTION_FIGHT,
                       ACTION_COURT,
                       ACTION_SOCIALISE,
                       ACTION_SLEEP,
                       ACTIONS
};

/* systems/decide.c. */
struct decision {
  uint32_t action;      /* enum creature_action */
  uint32_t plant;       /* that it is after; NOTHING */
  uint64_t other_id;    /* 0: nobody */
  struct vec3 place;    /* where to go */
  float utility;        /* of the action chosen */
  float second;         /* of the next best */
  uint32_t decisions;   /* so far: its age in turns */
  float recalled_value; /* of the food place that recall found: 0: none */
  uint8_t wants_opened; /* 1: recall found its memories archived */
  uint8_t is_new;       /* 1: it is another action than in the turn before */
  uint16_t meal;        /* thousandths of food eaten so far, of the meal that it is at; of systems/act.c */
};

struct warm {
  alignas(64) struct movement movement;
  struct sensory sensory;
  struct social social;
  struct emotional emotional;
  struct decision decision;
};

_Static_assert(sizeof(struct movement) == 64, "as in the seed");
_Static_assert(sizeof(struct sensory) == 48, "as in the seed");
_Static_assert(sizeof(struct social) == 64, "as in the seed");
_Static_assert(sizeof(struct emotional) == 32, "as in the seed");
_Static_assert(sizeof(struct decision) == 48, "as in the seed");
_Static_assert(sizeof(struct warm) == 256, "four cache lines");

#endif
