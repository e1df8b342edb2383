/*
 * genetics.c: tests of systems/genetics.h.
 */
#include "systems/genetics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "systems/ecology.h"

static struct genetics all(float value) {
  struct genetics genetics;
  for (int gene = 0; gene < GENES; gene++) genetics.genes[gene] = value;
  return genetics;
}

Test(genetics, average_genes_mean_what_the_ecology_says) {
  struct genetics genetics = all(0.5f);
  struct expressed expressed;
  genetics_express(&genetics, &expressed);
  cr_expect_float_eq(expressed.speed, 4, 1e-5f);
  cr_expect_float_eq(expressed.sense, 6, 1e-5f);
  cr_expect_float_eq(expressed.metabolism, 0.02f, 1e-6f);
  cr_expect_float_eq(expressed.lifespan, 120, 1e-3f);
}

Test(genetics, speed_and_size_cost_energy) {
  struct genetics genetics = all(0.5f);
  struct expressed average, fast;
  genetics_express(&genetics, &average);
  genetics.genes[GENE_SPEED] = genetics.genes[GENE_SIZE] = 1;
  genetics_express(&genetics, &fast);
  cr_expect_gt(fast.metabolism, average.metabolism);
  cr_expect_gt(fast.speed, average.speed);
}

Test(genetics, each_gene_of_a_child_is_near_that_of_one_parent_and_both_give_some) {
  struct genetics mother = all(0.2f), father = all(0.8f), child;
  int of_mother = 0, of_father = 0;
  for (uint64_t id = 1; id <= 20; id++) {
    genetics_mix(&mother, &father, 1, id, &child);
    for (int gene = 0; gene < GENES; gene++) {
      float most = MUTATION_FROM + MUTATION_RANGE;
      int is_mothers = fabsf(child.genes[gene] - 0.2f) <= most,
          is_fathers = fabsf(child.genes[gene] - 0.8f) <= most;
      cr_assert(is_mothers || is_fathers, "gene %d is %f", gene, (double)child.genes[gene]);
      of_mother += is_mothers;
      of_father += is_fathers;
    }
  }
  cr_expect_gt(of_mother, 100);
  cr_expect_gt(of_father, 100);
}

Test(genetics, genes_stray) {
  struct genetics mother = all(0.5f), child;
  genetics_mix(&mother, &mother, 1, 1, &child);
  int strayed = 0;
  for (int gene = 0; gene < GENES; gene++) strayed += child.genes[gene] > 0.5f || child.genes[gene] < 0.5f;
  cr_expect_gt(strayed, GENES / 2);
}

Test(genetics, without_a_father_they_stray_further_from_the_mothers) {
  struct genetics mother = all(0.5f), child;
  float with = 0, without = 0;
  for (uint64_t id = 1; id <= 20; id++)
    for (int gene = 0; gene < GENES; gene++) {
      genetics_mix(&mother, &mother, 1, id, &child);
      with += fabsf(child.genes[gene] - 0.5f);
      genetics_mix(&mother, NULL, 1, id, &child);
      without += fabsf(child.genes[gene] - 0.5f);
    }
  cr_expect_gt(without, 1.5f * with);
}

Test(genetics, genes_stay_from_0_to_1) {
  struct genetics least = all(0), most = all(1), child;
  for (uint64_t id = 1; id <= 50; id++) {
    genetics_mix(&least, &most, 3, id, &child);
    for (int gene = 0; gene < GENES; gene++)
      cr_assert(child.genes[gene] >= 0 && child.genes[gene] <= 1, "gene %d is %f", gene,
                (double)child.genes[gene]);
  }
}

Test(genetics, the_same_question_has_the_same_answer_and_another_child_another) {
  struct genetics mother = all(0.2f), father = all(0.8f), first, again, other;
  genetics_mix(&mother, &father, 1, 5, &first);
  genetics_mix(&mother, &father, 1, 5, &again);
  genetics_mix(&mother, &father, 1, 6, &other);
  cr_expect(!memcmp(&first, &again, sizeof first));
  cr_expect(memcmp(&first, &other, sizeof first));
}

Test(genetics, looks_are_of_the_genes_and_within_bounds) {
  struct genetics genetics = all(1);
  struct look look = {.phase = 0.25f};
  genetics_look(&genetics, &look);
  cr_expect_eq(look.kind, LOOK_KINDS - 1);
  cr_expect_float_eq(look.size, SIZE_FROM + SIZE_RANGE, 1e-5f);
  cr_expect_float_eq(look.phase, 0.25f, 0);
  genetics.genes[GENE_HUE] = 1.0f / 3;
  genetics_look(&genetics, &look);
  cr_expect_gt(look.colour[1], look.colour[0], "green at a third of the wheel");
  cr_expect_gt(look.colour[1], look.colour[2]);
}
