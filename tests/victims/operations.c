/*
 * As many operations as one wants: counters that overflow, drift or lose one in a million. Threads put blocks of all sizes
 * into places that they share, so that who frees or resizes a block is seldom who allocated it. Expected: each category's
 * books are, at the end, what the threads counted and what the blocks in the places add up to, to the byte.
 *
 *   operations COUNT [THREADS]
 */
#include <malloc.h>
#include <stdatomic.h>

#include "victim.h"

#define MOST       64
#define CATEGORIES 8
#define PLACES     512

struct counts {
  uint64_t allocations, frees, reallocations;
};

struct worker {
  struct counts of[CATEGORIES];
  uint64_t operations, random;
};

static _Atomic(unsigned char *) places[PLACES];
static uint32_t ids[CATEGORIES];

static uint64_t draw(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* A block knows its category by its first byte. */
static unsigned char *allocate(struct worker *me, uint64_t random) {
  unsigned category = random % CATEGORIES;
  size_t size = 1 + (random >> 8) % ((random >> 32) % 64 ? 500 : 20000);
  ration_tag_enter(ids[category]);
  unsigned char *block = random >> 63 ? calloc(1, size) : malloc(size);
  ration_tag_leave();
  CHECK(block != NULL);
  *block = (unsigned char)category;
  me->of[category].allocations++;
  return block;
}

static void give_back(struct worker *me, unsigned char *block) {
  if (!block) return;
  me->of[*block].frees++;
  free(block);
}

static unsigned char *resize(struct worker *me, unsigned char *block, uint64_t random) {
  struct counts *of = &me->of[*block];
  block = realloc(block, 1 + random % 700);
  CHECK(block != NULL);
  of->allocations++;
  of->frees++;
  of->reallocations++;
  return block;
}

static void *run(void *argument) {
  struct worker *me = argument;
  for (uint64_t done = 0; done < me->operations; done++) { /* two halves of a life, or a realloc */
    uint64_t random = draw(&me->random);
    unsigned char *block = atomic_exchange(&places[random % PLACES], NULL);
    if (block && (random >> 20) % 8 == 0) {
      block = resize(me, block, random >> 24);
    } else {
      give_back(me, block);
      block = allocate(me, random >> 10);
      done++;
    }
    give_back(me, atomic_exchange(&places[(random >> 9) % PLACES], block));
  }
  return NULL;
}

/* What a category should have: what all threads counted, and the blocks that there are. */
static void check_category(const struct worker *workers, int threads, unsigned category) {
  struct ration_figures sum = {0};
  for (int i = 0; i < threads; i++) {
    sum.allocations += workers[i].of[category].allocations;
    sum.frees += workers[i].of[category].frees;
    sum.reallocations += workers[i].of[category].reallocations;
  }
  for (int i = 0; i < PLACES; i++) {
    unsigned char *block = places[i];
    if (block && *block == category) sum.live_bytes += malloc_usable_size(block);
  }
  if (!is_tracked()) return;
  struct ration_figures books = books_by_id(ids[category]);
  CHECK_EQUAL(books.allocations, sum.allocations);
  CHECK_EQUAL(books.frees, sum.frees);
  CHECK_EQUAL(books.reallocations, sum.reallocations);
  CHECK_EQUAL(books.live_bytes, sum.live_bytes);
}

int main(int argc, char **argv) {
  static struct worker workers[MOST];
  pthread_t ids_of_threads[MOST];
  uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
  int threads = argc > 2 ? atoi(argv[2]) : 2;
  CHECK(threads > 0 && threads <= MOST);
  for (unsigned i = 0; i < CATEGORIES; i++) {
    char name[16];
    snprintf(name, sizeof name, "of/%u", i);
    ids[i] = ration_tag_category(name);
  }
  for (int i = 0; i < threads; i++) {
    workers[i] =
        (struct worker){.operations = count / (uint64_t)threads, .random = 88172645463325252u + (uint64_t)i};
    ids_of_threads[i] = start_thread(run, &workers[i]);
  }
  for (int i = 0; i < threads; i++) join_thread(ids_of_threads[i]);
  for (unsigned i = 0; i < CATEGORIES; i++) check_category(workers, threads, i);
  for (int i = 0; i < PLACES; i++) free(places[i]);
  for (unsigned i = 0; i < CATEGORIES; i++)
    if (is_tracked()) CHECK_EQUAL(books_by_id(ids[i]).live_bytes, 0);
  puts("done");
  return 0;
}
