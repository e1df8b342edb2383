/*
 * kit_pool: librationkit's object pool beside malloc of the same run, for 16, 64 and 256 bytes: COUNT objects
 * taken, and given in random order; and one object taken and given, again and again. The first word of each
 * is written, as any program would. `take` yields it zero, and stands beside calloc; `take_any` as it comes,
 * and stands beside malloc. Prints ns for a take and a give.
 * link: -l:librationkit.a
 */
#include "bench.h"

#include <ration/kit/pool.h>

#define ROUNDS 7
#define PAIRS  2000000

enum contender { TAKE, TAKE_ANY, MALLOC, CALLOC, CONTENDERS };

static void **objects;
static uint32_t *order;

static void shuffle(uint64_t count) {
  uint64_t state = 88172645463325252u;
  for (uint64_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  for (uint64_t i = count; i-- > 1;) {
    uint64_t other = bench_random(&state) % (i + 1);
    uint32_t held = order[i];
    order[i] = order[other];
    order[other] = held;
  }
}

static inline void *use(void *object) {
  if (!object) bench_fail("no memory");
  *(volatile uint64_t *)object = 1;
  return object;
}

static inline void check(int error) {
  if (error) bench_fail("a give failed");
}

static void keep_least(double *least, double begun, double count) {
  double ns = (bench_cpu_ns() - begun) / count;
  if (*least == 0 || ns < *least) *least = ns;
}

static void print(const char *what, size_t size, const double *ns) {
  printf("%s, %zu bytes: pool %.2f, pool_any %.2f, malloc %.2f, calloc %.2f\n", what, size, ns[TAKE],
         ns[TAKE_ANY], ns[MALLOC], ns[CALLOC]);
}

/* Each loop once for each contender, so that nothing is called by a pointer. */
#define RANDOM(CONTENDER, TAKEN, GIVE)                                                                       \
  do {                                                                                                       \
    double begun = bench_cpu_ns();                                                                           \
    for (uint64_t i = 0; i < count; i++) objects[i] = use(TAKEN);                                            \
    for (uint64_t i = 0; i < count; i++) GIVE(objects[order[i]]);                                            \
    keep_least(&random_ns[CONTENDER], begun, (double)count);                                                 \
  } while (0)

#define ONE(CONTENDER, TAKEN, GIVE)                                                                          \
  do {                                                                                                       \
    double begun = bench_cpu_ns();                                                                           \
    for (int i = 0; i < PAIRS; i++) GIVE(use(TAKEN));                                                        \
    keep_least(&one_ns[CONTENDER], begun, PAIRS);                                                            \
  } while (0)

#define BOTH(CONTENDER, TAKEN, GIVE)                                                                         \
  do {                                                                                                       \
    RANDOM(CONTENDER, TAKEN, GIVE);                                                                          \
    ONE(CONTENDER, TAKEN, GIVE);                                                                             \
  } while (0)

#define GIVE_TO_POOL(object) check(ration_pool_give(&pool.pool, (object)))

#define MEASURE(SIZE)                                                                                        \
  struct object_##SIZE {                                                                                     \
    uint64_t words[SIZE / 8];                                                                                \
  };                                                                                                         \
  RATION_POOL(pool_##SIZE, struct object_##SIZE);                                                            \
  static void measure_##SIZE(uint64_t count) {                                                               \
    double random_ns[CONTENDERS] = {0}, one_ns[CONTENDERS] = {0};                                            \
    struct pool_##SIZE pool;                                                                                 \
    check(pool_##SIZE##_init(&pool, &(struct ration_pool_settings){.initial_capacity = count}));             \
    for (int round = 0; round < ROUNDS; round++) {                                                           \
      BOTH(TAKE, pool_##SIZE##_take(&pool), GIVE_TO_POOL);                                                   \
      BOTH(TAKE_ANY, pool_##SIZE##_take_any(&pool), GIVE_TO_POOL);                                           \
      BOTH(MALLOC, malloc(SIZE), free);                                                                      \
      BOTH(CALLOC, calloc(1, SIZE), free);                                                                   \
    }                                                                                                        \
    print("objects in random order", SIZE, random_ns);                                                       \
    print("one object", SIZE, one_ns);                                                                       \
    pool_##SIZE##_done(&pool);                                                                               \
  }

MEASURE(16)
MEASURE(64)
MEASURE(256)

int main(int argc, char **argv) {
  uint64_t count = bench_count(argc, argv, 1);
  if (count > UINT32_MAX) bench_fail("too many");
  objects = calloc(count, sizeof *objects);
  order = calloc(count, sizeof *order);
  if (!objects || !order) bench_fail("no memory");
  shuffle(count);
  measure_16(count);
  measure_64(count);
  measure_256(count);
  free(objects);
  free(order);
  return 0;
}
