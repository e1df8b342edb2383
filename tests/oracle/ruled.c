/*
 * ruled.c: see ruled.h.
 *
 * Of four rules each one is a glob on the thread, the function, the size and the module. Narrow ones come first,
 * wide ones later, and the last is for whatever is left of the program's; decoys lie between them. So blocks of one
 * function, one thread or one size go to different categories by what the other three are.
 */
#include "ruled.h"

#include <stdio.h>

#define RULES 200
#define FIRST 3 /* of the categories: those below it have no rules */

enum kind { THREAD, FUNCTION, SIZE, MODULE };

static enum kind kind_of(uint32_t rule) {
  return (enum kind)(rule % 4);
}

/* A category's rules stand together: they are one setting. */
static uint32_t category_of(uint32_t rule) {
  return FIRST + rule * (CATEGORIES - FIRST) / RULES;
}

/* The thread, or the function, that a rule is for; one that is not there: a decoy. */
static uint32_t number_of(uint32_t rule) {
  switch (rule) {
  case 1:
    return 3;
  case 80:
    return 1;
  case 120:
    return 4;
  case 101:
    return 5;
  case 161:
    return 0;
  case 164:
    return 6;
  case 181:
    return 6;
  default:
    return 100 + rule;
  }
}

/* First single sizes, then all from a bound on, which falls from rule to rule. */
static int is_exact(uint32_t rule) {
  return rule < RULES / 2;
}

static uint64_t bytes_of(uint32_t rule) {
  return is_exact(rule) ? rule / 4 : UINT64_C(1000000) >> (rule - RULES / 2) / 8;
}

static int fits(uint32_t rule, const struct block *block, uint32_t thread) {
  switch (kind_of(rule)) {
  case THREAD:
    return thread == number_of(rule);
  case FUNCTION:
    return block->site == number_of(rule);
  case SIZE:
    return is_exact(rule) ? block->requested == bytes_of(rule) : block->requested >= bytes_of(rule);
  default:
    return rule == RULES - 1;
  }
}

uint32_t ruled_category(const struct block *block, uint32_t thread) {
  uint32_t rule = 0;
  while (!fits(rule, block, thread)) rule++; /* the last fits all */
  return category_of(rule);
}

static void print_rule(uint32_t rule) {
  switch (kind_of(rule)) {
  case THREAD:
    printf("thread:" RULED_THREAD, (int)number_of(rule));
    break;
  case FUNCTION:
    printf("fn:site_%u", number_of(rule));
    break;
  case SIZE:
    printf("size:%s%lu", is_exact(rule) ? "=" : ">=", bytes_of(rule));
    break;
  default:
    printf(rule == RULES - 1 ? "lib:oracle*" : "lib:libdecoy%u.so*", rule);
  }
}

void ruled_print(void) {
  printf("libc.match=lib:libc.so.6|lib:ld-linux*|lib:libstdc++*|lib:libtcmalloc*,"); /* for themselves */
  for (uint32_t rule = 0; rule < RULES; rule++) {
    int is_first = rule == 0 || category_of(rule) != category_of(rule - 1);
    if (is_first)
      printf("%s%s.match=", rule ? "," : "", reference_path(category_of(rule)));
    else
      printf("|");
    print_rule(rule);
  }
  printf("\n");
}
