/*
 * genetics.h: what the genes of a creature mean, and how a child gets its own. Pure functions: of genes and chance alone.
 */
#ifndef CREATURES_SYSTEMS_GENETICS_H
#define CREATURES_SYSTEMS_GENETICS_H

#include "creature/cold.h"
#include "creature/look.h"

struct expressed {
  float speed, sense, metabolism, lifespan, size, agility, calm;          /* units: ecology.h */
  float aggression, courage, sociability, curiosity, fertility, immunity; /* 0 to 1 */
};

void genetics_express(const struct genetics *genetics, struct expressed *ret_expressed);

/* Kind, colour and size; the rest of the look is as it is. */
void genetics_look(const struct genetics *genetics, struct look *look);

/* Each gene is at random one parent's, and strays as far as the gene of mutation, of both, lets it. father NULL: all are
   the mother's, and stray further. id: the child's. */
void genetics_mix(const struct genetics *mother, const struct genetics *father, uint64_t seed, uint64_t id,
                  struct genetics *ret_genetics);

/* Of nobody. Genes for what it can do are the sum of two chances, so that most are near the middle. */
void genetics_random(uint64_t seed, uint64_t id, struct genetics *ret_genetics);

#endif
