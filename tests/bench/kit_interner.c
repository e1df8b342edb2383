/*
 * kit_interner: 100,000 strings into an interner of the toolkit, and into a bare uthash table with an array of ids, as
 * a program would write it; then each looked up, in random order. COUNT rounds, in which they take turns. Prints
 * nanoseconds for each string, the medians over the rounds.
 * link: -l:librationkit.a
 */
#include <ration/kit/interner.h>
#include <string.h>
#include <uthash.h>

#include "kit_strings.h"

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

int main(int argc, char **argv) {
  static double bare[2][ROUNDS_MOST], kit[2][ROUNDS_MOST];
  uint64_t count = rounds_of(argc, argv);
  make_strings();
  for (uint64_t i = 0; i < count; i++) {
    measure_strings(bare_add, bare_find, &bare[0][i], &bare[1][i]);
    bare_done();
    if (ration_interner_init(&interner, NULL, NULL)) bench_fail("no interner");
    measure_strings(kit_add, kit_find, &kit[0][i], &kit[1][i]);
    ration_interner_done(&interner);
  }
  printf("a string is added: interner %.1f, uthash %.1f\n", median(kit[0], count), median(bare[0], count));
  printf("a string is looked up: interner %.1f, uthash %.1f\n", median(kit[1], count),
         median(bare[1], count));
  return 0;
}
