/*
 * kit_interner: 100,000 strings into an interner of the toolkit, and into a bare uthash table with an array of ids, as
 * a program would write it; then each looked up, in random order. COUNT rounds, in which they take turns. Prints
 * nanoseconds for each string, the medians over the rounds.
 * link: build/librationkit.a
 */
#include <ration/kit/interner.h>
#include <string.h>
#include <uthash.h>

#include "bench.h"

#define STRINGS 100000
#define LONGEST 32
#define ROUNDS  101

static char texts[STRINGS][LONGEST];
static uint32_t order[STRINGS];

struct node {
  UT_hash_handle hh;
  uint32_t id;
  char text[];
};

static struct node *table, **nodes;
static uint32_t node_count, node_room;
static struct ration_interner interner;

static uint32_t bare_add(const char *text) {
  struct node *node;
  size_t length = strlen(text);
  HASH_FIND(hh, table, text, length, node);
  if (node) return node->id;
  if (node_count == node_room) {
    node_room = node_room ? node_room * 2 : 64;
    nodes = realloc(nodes, node_room * sizeof *nodes);
  }
  node = malloc(sizeof *node + length + 1);
  if (!nodes || !node) bench_fail("out of memory");
  memcpy(node->text, text, length + 1);
  nodes[node_count] = node;
  node->id = ++node_count;
  HASH_ADD_KEYPTR(hh, table, node->text, length, node);
  return node->id;
}

static uint32_t bare_find(const char *text) {
  struct node *node;
  HASH_FIND_STR(table, text, node);
  return node ? node->id : 0;
}

static void bare_done(void) {
  HASH_CLEAR(hh, table);
  for (uint32_t i = 0; i < node_count; i++) free(nodes[i]);
  free(nodes);
  nodes = NULL;
  node_count = node_room = 0;
}

static uint32_t kit_add(const char *text) {
  return ration_interner_add(&interner, text);
}

static uint32_t kit_find(const char *text) {
  return ration_interner_find(&interner, text);
}

static void measure(uint32_t (*add)(const char *), uint32_t (*find)(const char *), double *ret_add,
                    double *ret_find) {
  uint64_t sum = 0;
  double begun = bench_cpu_ns();
  for (uint32_t i = 0; i < STRINGS; i++) sum += add(texts[i]);
  *ret_add = (bench_cpu_ns() - begun) / STRINGS;
  begun = bench_cpu_ns();
  for (uint32_t i = 0; i < STRINGS; i++) sum -= find(texts[order[i]]);
  *ret_find = (bench_cpu_ns() - begun) / STRINGS;
  if (sum) bench_fail("a string was not found by its text");
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double median(double *values, uint64_t count) {
  qsort(values, count, sizeof *values, compare);
  return values[count / 2];
}

int main(int argc, char **argv) {
  static double bare[2][ROUNDS], kit[2][ROUNDS];
  uint64_t count = bench_count(argc, argv, 1), state = 88172645463325252u;
  if (count > ROUNDS) count = ROUNDS;
  for (uint32_t i = 0; i < STRINGS; i++) {
    snprintf(texts[i], LONGEST, "%s/%x/%u", i % 3 ? "creature" : "biome",
             (unsigned)bench_random(&state) >> 12, i);
    order[i] = i;
  }
  for (uint32_t i = STRINGS - 1; i > 0; i--) {
    uint32_t other = (uint32_t)(bench_random(&state) % (i + 1)), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
  for (uint64_t i = 0; i < count; i++) {
    measure(bare_add, bare_find, &bare[0][i], &bare[1][i]);
    bare_done();
    if (ration_interner_init(&interner, NULL, NULL)) bench_fail("no interner");
    measure(kit_add, kit_find, &kit[0][i], &kit[1][i]);
    ration_interner_done(&interner);
  }
  printf("insert  uthash %.1f interner %.1f\n", median(bare[0], count), median(kit[0], count));
  printf("lookup  uthash %.1f interner %.1f\n", median(bare[1], count), median(kit[1], count));
  return 0;
}
