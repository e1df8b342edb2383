/*
 * budget_tree.c: tests of charging along a tree that has budgets: against a plain model of it, and by several threads.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>

#include "base/random.h"
#include "model/budgeted.h"

/* ---- against a plain model ------------------------------------------------------------------------------ */

#define NODES 10
#define SLABS 5 /* 1 to 4 are used */

struct node {
  uint32_t id, parent;     /* of the tree; parent as an index, NODES: none */
  uint64_t limit, reserve; /* 0: none */
  uint64_t held, aside;    /* by blocks of its own; set aside in it */
  uint64_t slabs[SLABS];   /* of held, by the slab whose thread holds them */
};

static struct node nodes[NODES];
static const char *const paths[NODES] = {"total", "a",   "a/b",   "a/b/c", "a/d",
                                         "e",     "e/f", "e/f/g", "e/f/h", "i"};
static const uint32_t parents[NODES] = {NODES, 0, 1, 2, 1, 0, 5, 6, 6, 0};

static int is_below(uint32_t node, uint32_t ancestor) {
  while (node != NODES && node != ancestor) node = nodes[node].parent;
  return node == ancestor;
}

static uint64_t held_below(uint32_t ancestor) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < NODES; i++)
    if (is_below(i, ancestor)) sum += nodes[i].held + nodes[i].aside;
  return sum;
}

static void plant(struct segment *segment, struct random *random) {
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t id = i ? fresh_segment_add(segment, paths[i]) : RATION_CATEGORY_TOTAL;
    nodes[i] = (struct node){.id = id, .parent = parents[i]};
    if (random_below(random, 3) == 0) continue;
    struct budget_terms terms = refuse_at(1 + random_below(random, i ? 4 << 20 : 8 << 20));
    terms.reserve = random_below(random, 2) ? random_below(random, terms.limit / 4 + 1) : 0;
    nodes[i].limit = terms.limit;
    nodes[i].reserve = terms.reserve;
    set(segment, id, terms);
  }
}

static void close_credit(struct segment *segment) {
  struct charge_outcome outcome = {0};
  for (uint32_t slab = 1; slab < SLABS; slab++)
    for (uint32_t i = 0; i < NODES; i++)
      tally_close(segment, nodes[i].id, segment_tally(segment, slab, nodes[i].id), &outcome);
}

/* The first node from here up that has no room; NODES: all have. */
static uint32_t full_node(uint32_t node, uint64_t bytes, struct charge_right right) {
  for (; node != NODES; node = nodes[node].parent) {
    uint64_t most = nodes[node].limit - (right.may_use_reserve ? 0 : nodes[node].reserve);
    if (nodes[node].limit && held_below(node) + bytes > most) return node;
  }
  return NODES;
}

/* As a thread does it: its credit goes back before a refusal. Here everybody's, so that refusals are exact. */
static void take(struct segment *segment, struct random *random, int step) {
  uint32_t i = (uint32_t)random_below(random, NODES), slab = 1 + (uint32_t)random_below(random, SLABS - 1);
  struct charge_right right = {.may_use_reserve = random_below(random, 4) == 0};
  struct charge_outcome outcome = {0};
  uint64_t bytes = random_size(random, 1 << 20), before = nodes[i].aside;
  struct ration_segment_tally *tally = segment_tally(segment, slab, nodes[i].id);
  uint64_t aside = before < bytes ? before : bytes;
  int result = tally_take(segment, nodes[i].id, tally, bytes, right, &outcome);
  if (result == -EDQUOT) {
    close_credit(segment);
    outcome = (struct charge_outcome){0};
    result = tally_take(segment, nodes[i].id, tally, bytes, right, &outcome);
    uint32_t full = full_node(i, bytes - aside, right);
    cr_assert_eq(result, full == NODES ? 0 : -EDQUOT, "step %d: %d", step, result);
    if (full != NODES) cr_assert_eq(outcome.budget, nodes[full].id, "step %d", step);
  }
  nodes[i].aside = segment_category(segment, nodes[i].id)->set_aside;
  if (result == 0) nodes[i].held += bytes, nodes[i].slabs[slab] += bytes;
  cr_assert(nodes[i].aside == before || (result == 0 && before - nodes[i].aside <= bytes), "step %d", step);
}

static void give(struct segment *segment, struct random *random) {
  uint32_t i = (uint32_t)random_below(random, NODES), slab = 1 + (uint32_t)random_below(random, SLABS - 1);
  struct charge_outcome outcome = {0};
  uint64_t bytes =
      random_below(random, 2) ? nodes[i].slabs[slab] : random_below(random, nodes[i].slabs[slab] + 1);
  uint32_t other = 1 + (uint32_t)random_below(random, SLABS - 1); /* whoever frees */
  tally_give(segment, nodes[i].id, segment_tally(segment, other, nodes[i].id), bytes, &outcome);
  nodes[i].held -= bytes, nodes[i].slabs[slab] -= bytes;
}

static void set_aside(struct segment *segment, struct random *random) {
  uint32_t i = (uint32_t)random_below(random, NODES);
  uint64_t bytes = random_size(random, 100000);
  if (random_below(random, 2) && charge(segment, nodes[i].id, (int64_t)bytes) == 0) {
    category_put_aside(segment, nodes[i].id, bytes);
    nodes[i].aside += bytes;
    return;
  }
  uint64_t dropped = category_take_aside(segment, nodes[i].id, bytes);
  cr_assert_eq(dropped, bytes < nodes[i].aside ? bytes : nodes[i].aside);
  nodes[i].aside -= dropped;
  cr_assert_eq(charge(segment, nodes[i].id, -(int64_t)dropped), 0);
}

static void check_tree(const struct segment *segment, int step) {
  for (uint32_t i = 0; i < NODES; i++) {
    const struct ration_segment_category *row = segment_category(segment, nodes[i].id);
    uint64_t charged = subtree(segment, nodes[i].id), credit = 0;
    for (uint32_t j = 0; j < NODES; j++)
      for (uint32_t slab = 1; slab < SLABS && is_below(j, i); slab++)
        credit += segment_tally(segment, slab, nodes[j].id)->credit;
    cr_assert_eq(charged - credit, held_below(i), "step %d, %s: %lu, not %lu", step, paths[i],
                 (unsigned long)(charged - credit), (unsigned long)held_below(i));
    if (!nodes[i].limit) continue;
    uint64_t pool = RATION_CHARGE_ALLOWANCE(row->subtree_charged);
    cr_assert_leq(charged, nodes[i].limit, "step %d", step);
    cr_assert_leq(RATION_CHARGE_BYTES(row->subtree_peak), nodes[i].limit, "step %d", step);
    cr_assert_leq(pool, nodes[i].limit / BUDGET_POOL_SHARE, "step %d: %lu of %lu", step, (unsigned long)pool,
                  (unsigned long)nodes[i].limit);
    cr_assert_geq(segment->budgets[nodes[i].id].worst_bytes, charged);
  }
  cr_assert(segment_is_valid(segment), "step %d", step);
}

Test(budget_tree, follows_a_plain_tree_at_random, .timeout = 120) {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    struct random random = {.seed = seed};
    struct segment segment = fresh_segment(SLABS);
    fresh_segment_use_slabs(&segment, SLABS);
    plant(&segment, &random);
    for (int step = 0; step < 6000; step++) {
      uint64_t choice = random_below(&random, 16);
      if (choice == 0)
        set_aside(&segment, &random);
      else if (choice == 1 && random_below(&random, 8) == 0)
        close_credit(&segment);
      else if (choice < 9)
        take(&segment, &random, step);
      else
        give(&segment, &random);
      check_tree(&segment, step);
    }
  }
}

/* ---- threads -------------------------------------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS  20000
#define LIMIT   (UINT64_C(2) << 20)

static struct segment shared;
static uint32_t leaves[3], running;
static uint64_t granted[THREADS], refused[THREADS];

/* Holds as much as it is let, in two categories; then gives all back, credit too. */
static void *hold_and_give(void *number) {
  struct random random = {.seed = (uintptr_t)number};
  uint32_t slab = (uint32_t)(uintptr_t)number;
  uint64_t held[2] = {0, 0};
  struct charge_outcome outcome;
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t which = (uint32_t)random_below(&random, 2), id = leaves[which];
    uint64_t bytes = random_size(&random, 1 << 18);
    struct ration_segment_tally *tally = segment_tally(&shared, slab, id);
    outcome = (struct charge_outcome){0};
    if (random_below(&random, 2)) {
      if (bytes > held[which]) bytes = held[which];
      tally_give(&shared, id, tally, bytes, &outcome);
      held[which] -= bytes;
    } else if (tally_take(&shared, id, tally, bytes, (struct charge_right){0}, &outcome) == 0) {
      held[which] += bytes;
      granted[slab - 1]++;
    } else {
      refused[slab - 1]++;
    }
  }
  for (uint32_t i = 0; i < 2; i++) {
    struct ration_segment_tally *tally = segment_tally(&shared, slab, leaves[i]);
    tally_give(&shared, leaves[i], tally, held[i], &outcome);
    tally_close(&shared, leaves[i], tally, &outcome);
  }
  add_relaxed(&running, UINT32_MAX);
  return NULL;
}

Test(budget_tree, holds_while_threads_run, .timeout = 120) {
  pthread_t threads[THREADS];
  shared = fresh_segment(THREADS + 1);
  fresh_segment_use_slabs(&shared, THREADS + 1);
  leaves[0] = fresh_segment_add(&shared, "a/b");
  leaves[1] = fresh_segment_add(&shared, "a/c");
  leaves[2] = segment_category(&shared, leaves[0])->parent;
  set(&shared, leaves[2], refuse_at(LIMIT));
  set(&shared, leaves[0], refuse_at(LIMIT / 2));
  running = THREADS;
  for (uintptr_t i = 0; i < THREADS; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, hold_and_give, (void *)(i + 1)), 0);
  while (load_relaxed(&running)) {
    uint64_t parent = load_relaxed(&segment_category(&shared, leaves[2])->subtree_charged);
    uint64_t child = load_relaxed(&segment_category(&shared, leaves[0])->subtree_charged);
    uint32_t old;
    cr_assert_leq(RATION_CHARGE_BYTES(parent), LIMIT);
    cr_assert_leq(RATION_CHARGE_BYTES(child), LIMIT / 2);
    cr_assert_leq(RATION_CHARGE_ALLOWANCE(parent), LIMIT / BUDGET_POOL_SHARE);
    budget_look(&shared, leaves[2], NOW, &old);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) cr_expect(granted[i] && refused[i], "thread %d met no limit", i);
  cr_expect_eq(subtree(&shared, RATION_CATEGORY_TOTAL), 0);
  cr_expect_leq(RATION_CHARGE_BYTES(segment_category(&shared, leaves[2])->subtree_peak), LIMIT);
  cr_expect_leq(shared.budgets[leaves[2]].worst_bytes, LIMIT);
  cr_expect(segment_is_valid(&shared));
}

/* Always at the limit: takes until it is refused, then gives some back. */
static void *hold_all(void *number) {
  uint32_t slab = (uint32_t)(uintptr_t)number, id = leaves[0];
  struct ration_segment_tally *tally = segment_tally(&shared, slab, id);
  struct charge_outcome outcome;
  uint64_t held = 0;
  for (int i = 0; i < 10 * ROUNDS; i++) {
    outcome = (struct charge_outcome){0};
    if (tally_take(&shared, id, tally, 3000, (struct charge_right){0}, &outcome) == 0) {
      held += 3000;
    } else if (held) {
      tally_give(&shared, id, tally, 3000, &outcome);
      held -= 3000;
    }
  }
  add_relaxed(&running, UINT32_MAX);
  return NULL;
}

/* Between two budgets one of them holds, and never more than both. */
static void *change_to_and_fro(void *unused) {
  struct budget_terms tight = refuse_at(LIMIT), wide = refuse_at(4 * LIMIT);
  wide.reserve = 3 * LIMIT + 4096;
  while (load_relaxed(&running)) {
    budget_set(&shared, leaves[2], wide, NOW);
    budget_set(&shared, leaves[2], tight, NOW);
  }
  return unused;
}

Test(budget_tree, lets_nothing_pass_while_it_is_changed, .timeout = 120) {
  pthread_t threads[3];
  shared = fresh_segment(3);
  fresh_segment_use_slabs(&shared, 3);
  leaves[0] = fresh_segment_add(&shared, "a/b");
  leaves[2] = segment_category(&shared, leaves[0])->parent;
  set(&shared, leaves[2], refuse_at(LIMIT));
  running = 2;
  cr_assert_eq(pthread_create(&threads[0], NULL, change_to_and_fro, NULL), 0);
  for (uintptr_t i = 1; i < 3; i++) cr_assert_eq(pthread_create(&threads[i], NULL, hold_all, (void *)i), 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  uint64_t peak = RATION_CHARGE_BYTES(segment_category(&shared, leaves[2])->subtree_peak);
  cr_expect_leq(peak, LIMIT, "%lu, over %lu", (unsigned long)peak, (unsigned long)LIMIT);
}
