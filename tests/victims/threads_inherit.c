/*
 * Threads that are created inside a scope. Expected: each starts in its creator's category, whatever the creator closes
 * meanwhile, and cannot leave it; with `inherit=none` (argument "none") it starts in none. Threads of C11 start in none.
 * Attributes, stacks, results,
 * cancellation and errors are the program's own; 6000 threads leave nothing behind.
 */
#include <limits.h>
#include <sched.h>
#include <threads.h>

#include "victim.h"

#define OWN "bin/threads_inherit"

static int inherits = 1;
static pthread_barrier_t barrier;

static void check_in(const char *category, int line) {
  void *volatile block = malloc(10);
  if (is_tracked() && strcmp(category_of(block), category)) {
    dprintf(1, "line %d: a block of %s is %s\n", line, category, category_of(block));
    _exit(1);
  }
  free(block);
}

#define CHECK_IN(category) check_in((category), __LINE__)

static const char *inherited(const char *category) {
  return inherits ? category : OWN;
}

static void *allocate(void *category) {
  const char *expected = inherited(category);
  CHECK_IN(expected);
  leave();
  CHECK_IN(expected);
  enter("inside");
  CHECK_IN("inside");
  leave();
  leave();
  CHECK_IN(expected);
  return category;
}

static void create_and_join(void *category) {
  pthread_t thread;
  void *result = NULL;
  CHECK_EQUAL(pthread_create(&thread, NULL, allocate, category), 0);
  CHECK_EQUAL(pthread_join(thread, &result), 0);
  CHECK(result == category);
}

static __attribute__((constructor)) void create_in_constructor(void) {
  enter("constructor");
  if (getenv("RATION_OPTIONS") && strstr(getenv("RATION_OPTIONS"), "inherit=none")) inherits = 0;
  static char category[] = "constructor";
  create_and_join(category);
  leave();
}

static void *wait_and_allocate(void *category) {
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  return allocate(category);
}

static void close_meanwhile(void) {
  static char category[] = "closed";
  pthread_barrier_init(&barrier, NULL, 2);
  enter(category);
  pthread_t thread = start_thread(wait_and_allocate, category);
  pthread_barrier_wait(&barrier);
  leave();
  CHECK_IN(OWN);
  pthread_barrier_wait(&barrier);
  join_thread(thread);
}

static void *create_another(void *category) {
  create_and_join(category);
  static char inner[] = "second";
  enter(inner);
  create_and_join(inner);
  leave();
  return allocate(category);
}

static void create_in_threads(void) {
  static char category[] = "first";
  enter(category);
  join_thread(start_thread(create_another, category));
  leave();
  static char none[] = OWN;
  join_thread(start_thread(create_another, none));
}

static void *allocate_detached(void *category) {
  allocate(category);
  pthread_barrier_wait(&barrier);
  return NULL;
}

static void create_detached(void) {
  static char category[] = "detached";
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
  enter(category);
  CHECK_EQUAL(pthread_create(&thread, &attributes, allocate_detached, category), 0);
  leave();
  pthread_barrier_wait(&barrier);
  pthread_attr_destroy(&attributes);
}

/* It does not come by the library: libc makes it by no name. */
static int allocate_in_c11(void *result) {
  CHECK_IN(OWN);
  enter("inside");
  CHECK_IN("inside");
  leave();
  CHECK_IN(OWN);
  return *(int *)result;
}

static void create_by_c11(void) {
  thrd_t thread;
  int result = 7, returned = 0;
  enter("c11");
  CHECK_EQUAL(thrd_create(&thread, allocate_in_c11, &result), thrd_success);
  CHECK_EQUAL(thrd_join(thread, &returned), thrd_success);
  CHECK_EQUAL(returned, 7);
  leave();
}

/* ---- the pool of threads, with exact figures ----------------------------------------------------------- */

#define WORKERS 8
#define BLOCKS  1000

static void *keep_blocks(void *blocks) {
  for (int i = 0; i < BLOCKS; i++) ((void **)blocks)[i] = malloc(100);
  return NULL;
}

static void count_exactly(void) {
  static void *blocks[WORKERS][BLOCKS];
  pthread_t workers[WORKERS];
  enter("workers");
  for (int i = 0; i < WORKERS; i++) CHECK_EQUAL(pthread_create(&workers[i], NULL, keep_blocks, blocks[i]), 0);
  leave();
  for (int i = 0; i < WORKERS; i++) join_thread(workers[i]);
  uint64_t bytes = 0;
  for (int i = 0; i < WORKERS; i++)
    for (int k = 0; k < BLOCKS; k++) {
      CHECK(!is_tracked() || !strcmp(category_of(blocks[i][k]), inherited("workers")));
      if (is_tracked()) {
        struct ration_block block = {.size = sizeof block};
        CHECK_EQUAL(SHIM(ration_block_info)(blocks[i][k], &block), 0);
        bytes += block.usable_bytes;
      }
    }
  /* With them libc's own, for the threads: those it keeps for later are not all given back. */
  if (is_tracked() && inherits) CHECK(books_of("workers").live_bytes >= bytes);
  for (int i = 0; i < WORKERS; i++)
    for (int k = 0; k < BLOCKS; k++) free(blocks[i][k]);
}

/* ---- as without the shim ------------------------------------------------------------------------------- */

static void *look_at_attributes(void *expected) {
  pthread_attr_t attributes;
  size_t size = 0;
  int state = -1;
  CHECK_EQUAL(pthread_getattr_np(pthread_self(), &attributes), 0);
  CHECK_EQUAL(pthread_attr_getstacksize(&attributes, &size), 0);
  CHECK_EQUAL(pthread_attr_getdetachstate(&attributes, &state), 0);
  CHECK_EQUAL(state, PTHREAD_CREATE_JOINABLE);
  CHECK(size >= *(size_t *)expected); /* an old stack may be larger */
  pthread_attr_destroy(&attributes);
  return NULL;
}

static void keep_attributes(void) {
  size_t sizes[] = {1 << 18, 1 << 20, 3 << 20};
  enter("attributes");
  for (int i = 0; i < 3; i++) {
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, sizes[i]), 0);
    CHECK_EQUAL(pthread_create(&thread, &attributes, look_at_attributes, &sizes[i]), 0);
    join_thread(thread);
    pthread_attr_destroy(&attributes);
  }
  leave();
}

static void use_own_stacks(void) {
  static char category[] = "stacks";
  size_t bytes = (size_t)PTHREAD_STACK_MIN;
  for (int i = 0; i < 3; i++, bytes *= 2) {
    void *stack = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK_EQUAL(posix_memalign(&stack, 4096, bytes), 0);
    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setstack(&attributes, stack, bytes), 0);
    enter(category);
    CHECK_EQUAL(pthread_create(&thread, &attributes, allocate, category), 0);
    leave();
    join_thread(thread);
    pthread_attr_destroy(&attributes);
    free(stack);
  }
}

static void *exit_early(void *result) {
  pthread_exit(result);
}

static volatile int cleaned;

static void clean(void *by) {
  cleaned += *(int *)by;
}

static void *wait_for_ever(void *by) {
  pthread_cleanup_push(clean, by);
  pthread_barrier_wait(&barrier);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return NULL;
}

static void end_otherwise(void) {
  int by = 7;
  void *result = NULL;
  pthread_t thread;
  enter("ends");
  CHECK_EQUAL(pthread_create(&thread, NULL, exit_early, &by), 0);
  CHECK_EQUAL(pthread_join(thread, &result), 0);
  CHECK(result == &by);
  CHECK_EQUAL(pthread_create(&thread, NULL, wait_for_ever, &by), 0);
  pthread_barrier_wait(&barrier);
  CHECK_EQUAL(pthread_cancel(thread), 0);
  CHECK_EQUAL(pthread_join(thread, &result), 0);
  CHECK(result == PTHREAD_CANCELED);
  CHECK_EQUAL(cleaned, 7);
  leave();
}

static void fail(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  struct sched_param priority = {.sched_priority = 1000};
  CHECK_EQUAL(pthread_attr_init(&attributes), 0);
  CHECK_EQUAL(pthread_attr_setstacksize(&attributes, (size_t)1 << 46), 0);
  errno = 77;
  for (int i = 0; i < 3000; i++)
    CHECK_EQUAL(pthread_create(&thread, &attributes, allocate, &priority), EAGAIN);
  printf("errno %d\n", errno);
  pthread_attr_destroy(&attributes);
}

static void cross_fork(void) {
  static char category[] = "forked";
  enter(category);
  pid_t child = fork();
  if (child == 0) {
    create_and_join(category);
    static char inner[] = "forked/inner";
    enter(inner);
    create_and_join(inner);
    _exit(5);
  }
  CHECK_EQUAL(status_of(child), 5);
  leave();
}

/* What the shim hands to a thread comes from a pool that grows by 64 MiB at a time. */
static void create_many(void) {
  static char category[] = "many";
  mapped_pages(); /* stdio has its buffers now */
  long before = mapped_pages();
  enter(category);
  for (int i = 0; i < 6000; i++) {
    pthread_t thread = start_thread(allocate, category);
    join_thread(thread);
  }
  leave();
  if (mapped_pages() - before > 8 << 8) puts("something was left behind");
}

int main(void) {
  close_meanwhile();
  create_in_threads();
  create_detached();
  create_by_c11();
  count_exactly();
  keep_attributes();
  use_own_stacks();
  end_otherwise();
  fail();
  cross_fork();
  create_many();
  CHECK_IN(OWN);
  puts("done");
  return 0;
}
