/*
 * Threads at the limit of a budget: arguments are the numbers of threads and categories, and of steps each. The
 * categories lie below `work`, which has the budget; every fourth has one of its own. Blocks are of all sizes and come
 * and go by every entry point. Expected: at no moment does the program hold more than the budget, nor does any figure
 * say so; nor, where an allocator below counts (lib_counting_heap), does that ever give out more; a request is refused
 * only if it does not fit, but for the credit of other threads, 1/64 of the budget, and what they ask for at that
 * moment; and what was refused leaves everything as it was. In the end, when all is freed, nothing is used.
 */
#include <malloc.h>

#include "victim.h"

#define SIZE_MOST 4000
#define PLACES    256 /* of each thread: more than fit */
#define REMAINDER 5   /* of 16: so are all sizes here, and next to none elsewhere */
#define MEETINGS  8
#define SHARE     64

static uint64_t (*highest_below)(unsigned);
static ration_category_id work, categories[64];
static unsigned thread_count, category_count, step_count;
static uint64_t limit; /* about two thirds of what the threads would hold */
static pthread_barrier_t meeting;
static uint64_t held, refusals, is_over;

static uint64_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static size_t draw_size(uint64_t *random) {
  size_t size = next_random(random) % 8 ? next_random(random) % 1000 : next_random(random) % SIZE_MOST;
  return size / 16 * 16 + REMAINDER;
}

/* What the program holds, from when an allocation has returned to when free is called. */
static void note_held(uint64_t change) {
  uint64_t now = __atomic_add_fetch(&held, change, __ATOMIC_RELAXED);
  if ((int64_t)change > 0 && now > limit) __atomic_store_n(&is_over, now, __ATOMIC_RELAXED);
}

/* Frees of others may come between the refusal and this look: their bytes are in flight, too. */
static void check_refusal(uint64_t held_before, size_t bytes) {
  uint64_t now = __atomic_load_n(&held, __ATOMIC_RELAXED), most = held_before > now ? held_before : now;
  uint64_t in_flight = (uint64_t)thread_count * 2 * SIZE_MOST * 3 / 2;
  CHECK_EQUAL(errno, ENOMEM);
  CHECK(most + bytes * 3 / 2 + limit / SHARE + in_flight > (category_count > 3 ? limit / 4 : limit));
  __atomic_add_fetch(&refusals, 1, __ATOMIC_RELAXED);
}

static void *get(uint64_t *random, size_t size) {
  void *block = NULL;
  switch (next_random(random) % 5) {
  case 0:
    return calloc(1, size);
  case 1:
    errno = posix_memalign(&block, 64, size);
    return errno ? NULL : block;
  case 2:
    return realloc(NULL, size);
  default:
    return malloc(size);
  }
}

static void resize(uint64_t *random, unsigned char **block) {
  size_t old = malloc_usable_size(*block), size = draw_size(random);
  uint64_t before = __atomic_load_n(&held, __ATOMIC_RELAXED);
  unsigned char first = **block;
  note_held(-(uint64_t)old);
  unsigned char *moved = realloc(*block, size);
  note_held(moved ? malloc_usable_size(moved) : old);
  if (!moved) {
    check_refusal(before, size);
    CHECK_EQUAL(malloc_usable_size(*block), old);
    CHECK_EQUAL(**block, first);
    return;
  }
  *block = moved;
}

static void step(uint64_t *random, unsigned char **block) {
  if (*block && next_random(random) % 3 == 0) {
    resize(random, block);
  } else if (*block) {
    note_held(-(uint64_t)malloc_usable_size(*block));
    free(*block);
    *block = NULL;
  } else {
    size_t size = draw_size(random);
    uint64_t before = __atomic_load_n(&held, __ATOMIC_RELAXED);
    *block = get(random, size);
    if (!*block) {
      check_refusal(before, size);
      return;
    }
    **block = (unsigned char)size;
    note_held(malloc_usable_size(*block));
  }
}

static void *run(void *number) {
  static __thread unsigned char *blocks[PLACES];
  uint64_t random = (uintptr_t)number + 1;
  for (unsigned i = 0; i < step_count; i++) {
    if (i % (step_count / MEETINGS) == 0) pthread_barrier_wait(&meeting); /* all are at it at the same time */
    ration_tag_enter(categories[next_random(&random) % category_count]);
    step(&random, &blocks[next_random(&random) % PLACES]);
    ration_tag_leave();
  }
  for (unsigned i = 0; i < PLACES; i++) {
    note_held(blocks[i] ? -(uint64_t)malloc_usable_size(blocks[i]) : 0);
    free(blocks[i]);
  }
  return NULL;
}

static uint64_t used(ration_category_id category) {
  struct ration_budget budget = {.size = sizeof budget};
  CHECK_EQUAL(SHIM(ration_budget_get)(category, &budget), 0);
  return budget.used_bytes;
}

/* Reads the figures as fast as it can, until told to stop. */
static int is_stopped;
static void *look(void *unused) {
  while (!__atomic_load_n(&is_stopped, __ATOMIC_RELAXED)) {
    CHECK(used(work) <= limit);
    for (unsigned i = 0; i < category_count; i += 4)
      if (category_count > 3) CHECK(used(categories[i]) <= limit / 4);
  }
  return unused;
}

static void set_budgets(void) {
  struct ration_budget budget = {.size = sizeof budget, .limit_bytes = limit, .policy = RATION_POLICY_REFUSE};
  CHECK_EQUAL(SHIM(ration_budget_set)(work, &budget), 0);
  budget.limit_bytes = limit / 4;
  for (unsigned i = 0; i < category_count && category_count > 3; i += 4)
    CHECK_EQUAL(SHIM(ration_budget_set)(categories[i], &budget), 0);
}

int main(int count, char **arguments) {
  CHECK_EQUAL(count, 4);
  thread_count = (unsigned)atoi(arguments[1]);
  category_count = (unsigned)atoi(arguments[2]);
  step_count = (unsigned)atoi(arguments[3]);
  limit = (uint64_t)thread_count << 16;
  pthread_t threads[64], looker;
  *(void **)&highest_below = dlsym(RTLD_DEFAULT, "counting_heap_highest");
  work = ration_tag_category("work");
  for (unsigned i = 0; i < category_count; i++) {
    char path[32];
    snprintf(path, sizeof path, "work/c%u", i);
    categories[i] = ration_tag_category(path);
  }
  CHECK(is_tracked());
  set_budgets();
  uint64_t others = highest_below ? highest_below(REMAINDER) : 0;
  pthread_barrier_init(&meeting, NULL, thread_count);
  looker = start_thread(look, NULL);
  for (uintptr_t i = 0; i < thread_count; i++) threads[i] = start_thread(run, (void *)i);
  for (unsigned i = 0; i < thread_count; i++) join_thread(threads[i]);
  __atomic_store_n(&is_stopped, 1, __ATOMIC_RELAXED);
  join_thread(looker);
  CHECK_EQUAL(is_over, 0);
  if (highest_below) CHECK(highest_below(REMAINDER) <= limit + others);
  CHECK(refusals > 100);
  CHECK_EQUAL(used(work), 0);
  struct ration_figures books = books_of("work");
  CHECK(books.subtree_peak_bytes <= limit && books.subtree_peak_bytes > limit / 8 * 7);
  puts("held");
  return 0;
}
