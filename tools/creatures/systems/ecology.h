/*
 * ecology.h: what the world of the creatures is tuned by, each constant with its unit and what it does. Two balances
 * hold it together:
 *
 *     energy       plants grow some 0.03 N a second (world/plants.h); a creature at average genes spends 0.02 at a walk
 *     population   a life lasts 60 to 180 s, so that each creature is to bear one child on average; where there are more
 *                  than the plants feed, energy stays below COURT_ENERGY, and births become rarer
 */
#ifndef CREATURES_SYSTEMS_ECOLOGY_H
#define CREATURES_SYSTEMS_ECOLOGY_H

#include "creature/access.h"
#include "simulation.h"

/* ---- turns ---- */

#define TURN_SECONDS      (AI_FRAMES * FRAME_SECONDS) /* from a creature's turn to its next */
#define RECALL_TURNS      8u                          /* it recalls in one of so many */
#define ARCHIVES_A_FRAME  2u                          /* opened, at most; the others are put off */
#define DEATHS_A_FRAME    1024u /* at most, the others die at their next turn; likewise births */
#define LONG_AGO          1e6f  /* seconds: an age that stands for never */
#define FOOD_IS_OLD_AFTER 10.0f /* seconds since food was sensed: then what is remembered counts more */

/* ---- what genes mean: from FROM at 0 to FROM + RANGE at 1 ---- */

#define SPEED_FROM  2.0f /* units a second, at a walk */
#define SPEED_RANGE 4.0f
#define SENSE_FROM  4.0f /* units; a cell is 8 */
#define SENSE_RANGE 4.0f
#define METABOLISM_FROM                                                                                      \
  0.012f /* energy a second, at a walk: half by its own gene, the rest by speed and size */
#define METABOLISM_RANGE 0.016f
#define LIFESPAN_FROM    60.0f /* seconds */
#define LIFESPAN_RANGE   120.0f
#define SIZE_FROM        0.4f /* units */
#define SIZE_RANGE       0.8f
#define AGILITY_FROM     2.0f /* of the wanted change of velocity, a second */
#define AGILITY_RANGE    6.0f
#define CALM_FROM        0.05f /* of a feeling that fades, a second */
#define CALM_RANGE       0.25f
#define MUTATION_FROM    0.02f /* how far a child's gene strays at most from its parent's */
#define MUTATION_RANGE   0.10f
#define MUTATION_ALONE   2.0f /* times as far, where the father is gone */

/* ---- eating ---- */

#define BITE_A_FRAME   0.02f                      /* food; a turn's bites are taken at once */
#define BITE_A_TURN    (BITE_A_FRAME * AI_FRAMES) /* food, at most */
#define EAT_REACH      1.2f                       /* units from a plant: near enough to bite */
#define EAT_BELOW      0.75f                      /* energy: a meal begins */
#define EAT_UNTIL      0.97f                      /* energy: a meal ends */
#define HUNGRY_BELOW   0.5f                       /* energy: what it remembers of food is used */
#define ARRIVED_WITHIN 2.0f /* units from a place: if it were true, it would be sensed */

/* ---- fighting and fleeing ---- */

#define FIGHT_REACH     1.5f     /* units: both may strike */
#define FIGHT_HARM      0.12f    /* health that the weaker loses at most; the stronger a third */
#define FLEE_WITHIN     7.0f     /* units from a threat that it senses or remembers */
#define FLEE_UNITS      14.0f    /* how far it runs before it looks again */
#define THREAT_SECONDS  4.0f     /* a threat out of sight is minded for so long */
#define FLEE_PACE       2.0f     /* of a walk */
#define FOE_FADES       0.01f    /* of the dislike of the foe, a second */
#define FOE_FROM        (-0.15f) /* liking below which another is a foe */
#define FIGHT_DISLIKE   (-0.35f) /* what a fight does to the liking */
#define LEARNT_A_LESSON 0.15f    /* weight that one experience adds to a behaviour */

/* ---- company and breeding ---- */

#define MEET_REACH      2.0f   /* units: they meet */
#define MEET_SECONDS    10.0f  /* before the same two meet again */
#define FRIEND_FROM     0.1f   /* liking above which another is a friend */
#define FRIEND_FADES    0.012f /* of the liking that is in mind, a second: so newer friends take over */
#define FRIEND_SEEN_FAR 40.0f  /* units: a lonely one walks so far to its friend */
#define HEARD_AFAR                                                                                           \
  160.0f /* units: a lonely one without friends goes so far to others, so that few find together */
#define COURT_REACH      2.0f  /* units */
#define COURT_ENERGY     0.6f  /* both have more */
#define COURT_LIKING     0.15f /* both like each other more */
#define COURT_COST       0.10f /* energy, of both */
#define COURT_REST       20.0f /* seconds from one courtship to the next, at average fertility */
#define GROWN_SECONDS    10.0f /* of age */
#define PREGNANT_SECONDS 5.0f
#define BIRTH_COST       0.20f /* energy that the mother gives */
#define BIRTH_ENERGY     0.45f /* that the child has: the rest is of the egg */
#define CROWD_IS_FULL    2.0f  /* others within 8 units at which nobody courts */
#define CROWD_SENSE2     64.0f /* of that distance, so that who senses little does not feel alone */

/* ---- moving about ---- */

#define WANDER_UNITS  24.0f          /* how far it goes at a time, at most, to each side */
#define WANDER_ANEW   (1.0f / 40.0f) /* chance, a turn, of another way: so that no shore holds it */
#define GOAL_MOVED_BY 1.0f           /* units: then it is sent there anew */

/* ---- sleep ---- */

#define TIRES_IN 60.0f /* seconds of walking until stress is full, were there no sleep */
#define RESTS_IN 8.0f  /* seconds of sleep that undo it */

/* ---- diseases ---- */

#define DISEASE_CHANCE 0.0004f /* a second, to fall ill by itself, without immunity */
#define CATCH_CHANCE   0.05f   /* a second, beside one who is ill, without immunity */
#define HEAL_CHANCE    0.04f   /* a second, and as much again at full immunity */

/* ---- a new world ---- */

#define SETTLE_TRIES      64u   /* places looked at for a dry one */
#define SETTLE_ENERGY     0.4f  /* at least */
#define SETTLE_RANGE      0.5f  /* and up to so much more */
#define SETTLE_PAST_UNITS 48.0f /* how far off its made-up past lies, at most, to each side */
#define SETTLE_PAST       60.0f /* seconds that it reaches back */

/* What is asked of chance, so that no two questions have one answer. */
enum question {
  QUESTION_WANDER_X = 100,
  QUESTION_WANDER_Y,
  QUESTION_WANDER_ANEW,
  QUESTION_HEARD,
  QUESTION_AWAY_X,
  QUESTION_AWAY_Y,
  QUESTION_STRENGTH,
  QUESTION_LIKING,
  QUESTION_DISEASE,
  QUESTION_HEAL,
  QUESTION_ENERGY,
  QUESTION_AGE,
  QUESTION_PLACE = 1000,  /* and 2 x SETTLE_TRIES - 1 more */
  QUESTION_GENE = 2000,   /* and GENES - 1 more */
  QUESTION_PARENT = 3000, /* likewise */
  QUESTION_PAST = 4000    /* and one for each memory more */
};

#endif
