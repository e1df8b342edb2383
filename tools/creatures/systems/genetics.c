/*
 * genetics.c: see genetics.h. Speed and size cost energy, so that it does not pay to have much of everything.
 */
#include "systems/genetics.h"

#include "creature/chance.h"
#include "systems/ecology.h"

static float within(float value);
static void paint(float hue, float *ret_colour);

void genetics_express(const struct genetics *genetics, struct expressed *ret_expressed) {
  const float *genes = genetics->genes;
  float effort = 0.5f * genes[GENE_METABOLISM] + 0.25f * genes[GENE_SPEED] + 0.25f * genes[GENE_SIZE];
  *ret_expressed = (struct expressed){
      .speed = SPEED_FROM + SPEED_RANGE * genes[GENE_SPEED],
      .sense = SENSE_FROM + SENSE_RANGE * genes[GENE_SENSE],
      .metabolism = METABOLISM_FROM + METABOLISM_RANGE * effort,
      .lifespan = LIFESPAN_FROM + LIFESPAN_RANGE * genes[GENE_LONGEVITY],
      .size = SIZE_FROM + SIZE_RANGE * genes[GENE_SIZE],
      .agility = AGILITY_FROM + AGILITY_RANGE * genes[GENE_AGILITY],
      .calm = CALM_FROM + CALM_RANGE * genes[GENE_CALM],
      .aggression = genes[GENE_AGGRESSION],
      .courage = genes[GENE_COURAGE],
      .sociability = genes[GENE_SOCIABILITY],
      .curiosity = genes[GENE_CURIOSITY],
      .fertility = genes[GENE_FERTILITY],
      .immunity = genes[GENE_IMMUNITY],
  };
}

void genetics_look(const struct genetics *genetics, struct look *look) {
  uint32_t kind = (uint32_t)(genetics->genes[GENE_KIND] * LOOK_KINDS);
  look->kind = kind < LOOK_KINDS ? kind : LOOK_KINDS - 1;
  look->size = SIZE_FROM + SIZE_RANGE * genetics->genes[GENE_SIZE];
  paint(genetics->genes[GENE_HUE], look->colour);
}

void genetics_mix(const struct genetics *mother, const struct genetics *father, uint64_t seed, uint64_t id,
                  struct genetics *ret_genetics) {
  float rate = mother->genes[GENE_MUTATION];
  if (father) rate = 0.5f * (rate + father->genes[GENE_MUTATION]);
  float most = (MUTATION_FROM + MUTATION_RANGE * rate) * (father ? 1 : MUTATION_ALONE);
  struct genetics child;
  for (uint32_t gene = 0; gene < GENES; gene++) {
    const struct genetics *parent =
        father && chance(seed, id, 0, QUESTION_PARENT + gene) < 0.5f ? father : mother;
    float stray = 2 * chance(seed, id, 0, QUESTION_GENE + gene) - 1;
    child.genes[gene] = within(parent->genes[gene] + most * stray);
  }
  *ret_genetics = child;
}

void genetics_random(uint64_t seed, uint64_t id, struct genetics *ret_genetics) {
  for (uint32_t gene = 0; gene < GENES; gene++) {
    float first = chance(seed, id, 0, QUESTION_GENE + gene);
    float second = chance(seed, id, 0, QUESTION_PARENT + gene);
    int is_look = gene == GENE_HUE || gene == GENE_KIND;
    ret_genetics->genes[gene] = is_look ? first : 0.5f * (first + second);
  }
}

static float within(float value) {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* Round the wheel of colours: red, green, blue, each brightest at its third of it. */
static void paint(float hue, float *ret_colour) {
  for (int i = 0; i < 3; i++) {
    float away = hue - (float)i * (1.0f / 3);
    if (away < 0) away = -away;
    if (away > 0.5f) away = 1 - away;
    ret_colour[i] = within(1.1f - 2.4f * away);
  }
  ret_colour[3] = 1;
}
