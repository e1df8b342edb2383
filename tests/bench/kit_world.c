/*
 * kit_world: what it costs to keep entities in a world (ration/kit/world.h). Prints, for 10^3 to 10^6 entities that have
 * both of two components, how fast x += v * seconds over a query is, as a share of the same loop over two plain arrays
 * of as many elements: when they were spawned one after another (`fresh`); when a random third lacks one of the two
 * (`third`: the plain arrays hold those that do not); after 10^5 random despawns and spawns (`churned`). Then what a
 * spawn and a despawn of an entity with two components cost.
 *
 *     kit_world                    all of it, a line each
 *     kit_world COUNT CASE         one share, in per cent: VALUE tracked|untracked
 *
 * link: -l:librationkit.a
 */
#include <ration/kit/world.h>

#include <string.h>

#include "bench.h"

#define ROUNDS   25
#define ROUND_NS 1e6 /* of a round, at least */

struct vector {
  float x, y, z;
};

static const struct ration_component position = {"position", sizeof(struct vector), 4, NULL, NULL, NULL};
static const struct ration_component velocity = {"velocity", sizeof(struct vector), 4, NULL, NULL, NULL};

struct bodies {
  struct ration_world world;
  struct ration_entity *ids;
  size_t count, both; /* of both components */
  float *positions, *velocities;
};

static uint64_t state = 88172645463325252u;

/* The loop of both contenders, compiled as programs are that care for it. */
__attribute__((noinline, optimize("O3"))) static void move(size_t count, float *restrict positions,
                                                           const float *restrict velocities, float seconds) {
  for (size_t i = 0; i < 3 * count; i++) positions[i] += velocities[i] * seconds;
}

static void spawn(struct bodies *bodies, size_t i, int lacks) {
  struct vector at = {(float)i, 0, 0}, speed = {1, 2, 3};
  struct ration_entity_builder builder;
  ration_entity_builder_init(&builder, &bodies->world);
  if (lacks != 1) ration_entity_builder_add(&builder, &position, &at);
  if (lacks != 2) ration_entity_builder_add(&builder, &velocity, &speed);
  if (ration_entity_builder_commit(&builder, &bodies->ids[i])) bench_fail("no memory");
}

static void *array_of(size_t count) {
  float *array = aligned_alloc(64, (count * sizeof(struct vector) + 63) / 64 * 64);
  if (!array) bench_fail("no memory");
  for (size_t i = 0; i < 3 * count; i++) array[i] = (float)(i % 7);
  return array;
}

static void make(struct bodies *bodies, size_t count, const char *what) {
  memset(bodies, 0, sizeof *bodies);
  if (ration_world_init(&bodies->world, NULL, NULL) ||
      ration_world_component_add(&bodies->world, &position, NULL) ||
      ration_world_component_add(&bodies->world, &velocity, NULL))
    bench_fail("no world");
  bodies->count = count;
  bodies->ids = calloc(count, sizeof *bodies->ids);
  if (!bodies->ids) bench_fail("no memory");
  for (size_t i = 0; i < count; i++) {
    uint64_t drawn = strcmp(what, "third") ? 5 : bench_random(&state) % 6;
    spawn(bodies, i, drawn == 0 ? 1 : drawn == 1 ? 2 : 0);
    bodies->both += drawn > 1;
  }
  for (int i = 0; i < 100000 && !strcmp(what, "churned"); i++) {
    size_t which = bench_random(&state) % count;
    if (ration_world_despawn(&bodies->world, bodies->ids[which])) bench_fail("despawn");
    spawn(bodies, which, 0);
  }
  bodies->positions = array_of(bodies->both);
  bodies->velocities = array_of(bodies->both);
}

static void unmake(struct bodies *bodies) {
  ration_world_done(&bodies->world);
  free(bodies->ids);
  free(bodies->positions);
  free(bodies->velocities);
}

static void walk_plain(struct bodies *bodies) {
  move(bodies->both, bodies->positions, bodies->velocities, 0.001f);
}

static void walk_world(struct bodies *bodies) {
  static const struct ration_world_terms terms = {{&position, &velocity}, {NULL}};
  struct ration_world_query query;
  if (ration_world_query_begin(&bodies->world, &query, &terms)) bench_fail("no query");
  while (ration_world_query_next(&query) > 0) move(query.count, query.columns[0], query.columns[1], 0.001f);
}

static double time_round(struct bodies *bodies, void (*walk)(struct bodies *), uint64_t walks) {
  double begun = bench_cpu_ns();
  for (uint64_t i = 0; i < walks; i++) walk(bodies);
  return (bench_cpu_ns() - begun) / (double)walks;
}

/* In per cent; the best round of each, in turn, so that what else the machine does meets both. */
static double share(size_t count, const char *what, double *ret_ns) {
  struct bodies bodies;
  make(&bodies, count, what);
  double plain = time_round(&bodies, walk_plain, 2), world = time_round(&bodies, walk_world, 2);
  uint64_t walks = 1 + (uint64_t)(ROUND_NS / plain);
  for (int i = 0; i < ROUNDS; i++) {
    double ns = time_round(&bodies, walk_plain, walks);
    if (ns < plain) plain = ns;
    ns = time_round(&bodies, walk_world, walks);
    if (ns < world) world = ns;
  }
  *ret_ns = world / (double)bodies.both;
  unmake(&bodies);
  return 100 * plain / world;
}

static void print_lives(size_t count) {
  struct bodies bodies;
  make(&bodies, count, "fresh");
  for (size_t i = 0; i < count; i++) ration_world_despawn(&bodies.world, bodies.ids[i]);
  double begun = bench_cpu_ns();
  for (size_t i = 0; i < count; i++) spawn(&bodies, i, 0);
  double spawned = bench_cpu_ns();
  for (size_t i = 0; i < count; i++) {
    size_t other = bench_random(&state) % count;
    struct ration_entity id = bodies.ids[i];
    bodies.ids[i] = bodies.ids[other];
    bodies.ids[other] = id;
  }
  double shuffled = bench_cpu_ns();
  for (size_t i = 0; i < count; i++) ration_world_despawn(&bodies.world, bodies.ids[i]);
  double despawned = bench_cpu_ns();
  printf("%8zu spawn %5.1f ns, despawn in random order %5.1f ns\n", count, (spawned - begun) / (double)count,
         (despawned - shuffled) / (double)count);
  unmake(&bodies);
}

int main(int argc, char **argv) {
  static const char *const cases[] = {"fresh", "third", "churned"};
  double ns;
  if (argc > 2) {
    bench_print(share(bench_count(argc, argv, 1), argv[2], &ns));
    return 0;
  }
  for (size_t count = 1000; count <= 1000000; count *= 10)
    for (int i = 0; i < 3; i++) {
      double per_cent = share(count, cases[i], &ns);
      printf("%8zu %-8s %5.1f %% of a plain loop, %6.3f ns an entity\n", count, cases[i], per_cent, ns);
    }
  for (size_t count = 1000; count <= 1000000; count *= 10) print_lives(count);
  return 0;
}
