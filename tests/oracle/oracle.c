/*
 * oracle.c: allocates at random, and holds the books against a plain reference.
 *
 *   oracle threads|ruled|peaks FOLDER [--seed N] [--long]
 *   oracle rules    prints the settings that `ruled` is to be run with
 *
 * threads   8 threads get, resize and give back blocks in all categories, in rounds. At the end of each round
 * all stand still, some have ended, and every figure must be right to the byte and to the block. Blocks
 * change hands between rounds: whose a place is in a round, the seed decides, so the same seed makes every
 * thread do the same again.
 * ruled     the same, and blocks that are got with no scope open belong to categories by 200 rules.
 * peaks     one thread alone, and peaks are checked all along.
 *
 * FOLDER is where the segment is ($RATION_DIR). Status 0: all was right.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "api.h"
#include "reference.h"
#include "ruled.h"

#define THREADS    8
#define PLACES     2048
#define BLOCK_MOST (1 << 20)

struct oracle {
  const char *folder;
  uint64_t seed;
  uint64_t round, rounds;
  uint64_t steps; /* of each thread in each round; of the one thread in all */
  int is_ruled;
  struct reference reference;
  struct block places[PLACES];
  pthread_barrier_t barrier; /* of a round's start, and of its end */
};

static struct oracle *oracle; /* in memory of its own: the heap is what is watched */

static void run_threads(void);
static void run_peaks(void);
static void step(struct random *random, struct block *place, uint32_t thread);

static int read_arguments(int count, char **arguments) {
  int is_long = 0;
  if (count < 3) return -1;
  oracle->folder = arguments[2];
  for (int i = 3; i < count; i++) {
    if (strcmp(arguments[i], "--long") == 0)
      is_long = 1;
    else if (strcmp(arguments[i], "--seed") == 0 && i + 1 < count)
      oracle->seed = strtoull(arguments[++i], NULL, 10);
    else
      return -1;
  }
  oracle->rounds = is_long ? 2000 : 12;
  oracle->steps = is_long ? 5000 : 2000;
  oracle->is_ruled = strcmp(arguments[1], "ruled") == 0;
  return oracle->is_ruled || strcmp(arguments[1], "threads") == 0 || strcmp(arguments[1], "peaks") == 0 ? 0
                                                                                                        : -1;
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "rules") == 0) {
    ruled_print();
    return 0;
  }
  oracle = mmap(NULL, sizeof *oracle, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (oracle == MAP_FAILED || read_arguments(count, arguments) < 0) {
    fprintf(stderr, "ration: oracle: usage: oracle threads|ruled|peaks FOLDER [--seed N] [--long]\n");
    return 2;
  }
  if (reference_begin(&oracle->reference, oracle->folder) < 0) {
    fprintf(stderr, "ration: oracle: no library that tracks; preload libration.so\n");
    return 2;
  }
  printf("# seed %lu\n", oracle->seed);
  fflush(stdout);
  if (strcmp(arguments[1], "peaks") == 0)
    run_peaks();
  else
    run_threads();
  uint64_t allocations = 0;
  for (int i = 0; i < CATEGORIES; i++) allocations += oracle->reference.expected[i].allocations;
  printf("# %lu allocations, %lu figures wrong\n", allocations, oracle->reference.wrong);
  return oracle->reference.wrong ? 1 : 0;
}

/* ---- threads ------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t a, uint64_t b) {
  return hash_word(hash_word(oracle->seed ^ a << 32) ^ b);
}

static int is_place_of(size_t place, uintptr_t thread) {
  return mix(oracle->round, place) % THREADS == thread;
}

/* Some threads end after each round, and others take their places. */
static int is_last_round_of(uintptr_t thread) {
  return oracle->round + 1 == oracle->rounds || mix(~oracle->round, thread) % 3 == 0;
}

/* A thread that lives for a few blocks only, and leaves what it made to another. Its name is its creator's. */
struct guest {
  struct block *place;
  uint32_t thread;
};

static void *pass_by(void *argument) {
  const struct guest *guest = argument;
  struct random random = {.seed = mix(~oracle->round, (size_t)(guest->place - oracle->places))};
  for (int i = 0; i < 20; i++) step(&random, guest->place, guest->thread);
  return NULL;
}

static void run_round(uintptr_t thread) {
  static __thread struct block *mine[PLACES];
  struct random random = {.seed = mix(oracle->round, PLACES + thread)};
  size_t count = 0;
  for (size_t place = 0; place < PLACES; place++)
    if (is_place_of(place, thread)) mine[count++] = &oracle->places[place];
  for (uint64_t i = 0; i < oracle->steps; i++) {
    struct block *place = mine[random_below(&random, count)];
    struct guest guest = {place, (uint32_t)thread};
    pthread_t id;
    if (random_below(&random, 1000) == 0 && pthread_create(&id, NULL, pass_by, &guest) == 0)
      pthread_join(id, NULL);
    else
      step(&random, place, (uint32_t)thread);
  }
}

static void *run_thread(void *number) {
  char name[16];
  snprintf(name, sizeof name, RULED_THREAD, (int)(uintptr_t)number);
  pthread_setname_np(pthread_self(), name);
  for (int is_last = 0; !is_last;) {
    pthread_barrier_wait(&oracle->barrier);
    run_round((uintptr_t)number);
    is_last = is_last_round_of((uintptr_t)number);
    pthread_barrier_wait(&oracle->barrier);
  }
  return NULL;
}

static void start_thread(pthread_t *thread, uintptr_t number) {
  if (pthread_create(thread, NULL, run_thread, (void *)number) == 0) return;
  fprintf(stderr, "ration: oracle: cannot make a thread\n");
  exit(2);
}

static void run_threads(void) {
  pthread_t threads[THREADS];
  pthread_barrier_init(&oracle->barrier, NULL, THREADS + 1);
  for (uintptr_t i = 0; i < THREADS; i++) start_thread(&threads[i], i);
  for (oracle->round = 0; oracle->round < oracle->rounds; oracle->round++) {
    pthread_barrier_wait(&oracle->barrier);
    pthread_barrier_wait(&oracle->barrier);
    for (uintptr_t i = 0; i < THREADS; i++)
      if (is_last_round_of(i)) pthread_join(threads[i], NULL);
    reference_check(&oracle->reference, oracle->places, PLACES, oracle->folder);
    if (oracle->reference.wrong) return;
    for (uintptr_t i = 0; i < THREADS; i++)
      if (is_last_round_of(i) && oracle->round + 1 < oracle->rounds) start_thread(&threads[i], i);
  }
}

/* ---- one step ------------------------------------------------------------------------------------------ */

/* Scopes nest; the innermost one counts, and none of them for a block that exists already. Returns how many.
 */
static unsigned enter_some(struct random *random, uint32_t category) {
  unsigned depth = (unsigned)random_below(random, 3);
  if (category == CATEGORY_OWN) return 0;
  for (unsigned i = 0; i < depth; i++) ration_enter(oracle->reference.id[random_below(random, CATEGORIES)]);
  ration_enter(oracle->reference.id[category]);
  ration_enter(0); /* changes nothing */
  return depth + 2;
}

static void step(struct random *random, struct block *place, uint32_t thread) {
  struct reference *reference = &oracle->reference;
  uint32_t category = (uint32_t)random_below(random, CATEGORIES);
  unsigned choice = (unsigned)random_below(random, 8);
  struct block old = *place;
  unsigned depth = enter_some(random, category);
  if (!old.address) {
    *place = block_get(random, BLOCK_MOST);
    place->category = category;
    if (oracle->is_ruled && category == CATEGORY_OWN) place->category = ruled_category(place, thread);
    reference_note_got(reference, place);
  } else if (choice < 4) {
    block_give_back(place, random);
    reference_note_given_back(reference, &old);
  } else if (choice < 7 && block_may_be_resized(place)) {
    block_resize(place, random, BLOCK_MOST);
    reference_note_resized(reference, &old, place);
  }
  while (depth-- > 0) ration_leave();
}

/* ---- peaks --------------------------------------------------------------------------------------------- */

/* Held all along, so that the peak of the whole comes after what the program's start took. */
static void hold_ballast(struct block *place) {
  struct ration_block info = {.size = sizeof info};
  *place = (struct block){.requested = 16 << 20, .category = CATEGORY_OWN};
  place->address = calloc(1, place->requested);
  ration_block_info(place->address, &info);
  place->usable = info.usable_bytes;
  reference_note_got(&oracle->reference, place);
}

static void run_peaks(void) {
  struct random random = {.seed = oracle->seed};
  struct ration_figures total = {.size = sizeof total};
  ration_stats(RATION_TOTAL, &total);
  uint64_t others_bytes = total.subtree_live_bytes;
  hold_ballast(&oracle->places[PLACES - 1]);
  for (uint64_t i = 0; i < oracle->rounds * oracle->steps && !oracle->reference.wrong; i++) {
    /* The number of places in use rises and falls, and the peaks with it. */
    size_t places = 1 + (i / 8192 % 2 ? i / 64 * 7 : i / 16) % 600;
    step(&random, &oracle->places[random_below(&random, places)], 0);
    reference_check_peaks(&oracle->reference, others_bytes);
  }
  reference_check(&oracle->reference, oracle->places, PLACES, oracle->folder);
}
