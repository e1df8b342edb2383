/*
 * Work that goes on in another thread or on another stack takes its scopes with it: jobs of a thread pool, and coroutines
 * that yield inside nested scopes, each run now by this thread and now by that. Expected: every block is in the category
 * that the code which asked for it is in, to the byte and the block; without the shim nothing happens.
 */
#include <ucontext.h>

#include "victim.h"

#undef RATION_SCOPE /* ration.h's, which needs the library */
#define RATION_SCOPE(path) RATION_TAG_SCOPE_AT(path, __COUNTER__)

/* What each category should hold in the end, counted here. */
static struct expected {
  const char *path;
  uint64_t blocks, bytes;
} expected[] = {{"job/parse", 0, 0},      {"job/parse/deep", 0, 0}, {"job/render", 0, 0},
                {"worker", 0, 0},         {"coroutine/a", 0, 0},    {"coroutine/b", 0, 0},
                {"coroutine/b/in", 0, 0}, {"scheduler", 0, 0}};

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void take(const char *category, size_t bytes) {
  void *block = malloc(bytes);
  CHECK(block != NULL);
  if (!is_tracked()) return;
  struct ration_block info;
  info.size = sizeof info;
  CHECK_EQUAL(SHIM(ration_block_info)(block, &info), 0);
  if (strcmp(SHIM(ration_category_path)(info.category), category)) {
    dprintf(1, "a block of %s is %s\n", category, SHIM(ration_category_path)(info.category));
    _exit(1);
  }
  pthread_mutex_lock(&counting);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    if (!strcmp(expected[i].path, category)) {
      expected[i].blocks++;
      expected[i].bytes += info.usable_bytes;
    }
  pthread_mutex_unlock(&counting);
}

/* ---- a pool of threads --------------------------------------------------------------------------------- */

#define WORKERS 4
#define JOBS    2000

struct job {
  struct ration_tag_scopes scopes;
  void (*run)(int number);
  int number;
};

static struct job jobs[JOBS];
static int jobs_ready, jobs_taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

static struct job *next_job(void) {
  pthread_mutex_lock(&lock);
  while (jobs_taken == jobs_ready && jobs_ready < JOBS) pthread_cond_wait(&more, &lock);
  struct job *job = jobs_taken < JOBS ? &jobs[jobs_taken++] : NULL;
  pthread_mutex_unlock(&lock);
  return job;
}

static void *work(void *unused) {
  struct ration_tag_scopes own;
  struct job *job;
  RATION_SCOPE("worker") {
    while ((job = next_job()) != NULL) {
      take("worker", 24);
      ration_tag_capture(&own);
      ration_tag_resume(&job->scopes);
      job->run(job->number);
      ration_tag_resume(&own);
      take("worker", 40);
    }
  }
  return unused;
}

static void parse(int number) {
  take("job/parse", 100 + (size_t)number % 50);
  RATION_SCOPE("job/parse/deep") {
    take("job/parse/deep", 1000);
    if (number % 3 == 0) return;
  }
  take("job/parse", 8);
}

/* It leaves one open, and closes more than it has opened: that is its own affair. */
static void render(int number) {
  take("job/render", 300);
  if (number % 2) {
    enter("job/left/open");
  } else {
    leave();
    leave();
    leave();
  }
}

static void submit(void (*run)(int), int number) {
  pthread_mutex_lock(&lock);
  struct job *job = &jobs[jobs_ready];
  job->run = run;
  job->number = number;
  ration_tag_capture(&job->scopes);
  jobs_ready++;
  pthread_cond_signal(&more);
  pthread_mutex_unlock(&lock);
}

static void run_pool(void) {
  pthread_t workers[WORKERS];
  for (int i = 0; i < WORKERS; i++) CHECK_EQUAL(pthread_create(&workers[i], NULL, work, NULL), 0);
  for (int i = 0; i < JOBS / 2; i++) {
    RATION_SCOPE("job/parse") submit(parse, i);
    RATION_SCOPE("job/parse") RATION_SCOPE("job/render") submit(render, i);
  }
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&more);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < WORKERS; i++) join_thread(workers[i]);
}

/* ---- coroutines ---------------------------------------------------------------------------------------- */

#define COROUTINES  16
#define STACK_BYTES (64 * 1024)

struct coroutine {
  ucontext_t context, *caller;
  struct ration_tag_scopes scopes, callers;
  int is_done;
};

static struct coroutine coroutines[COROUTINES];

/* Both switches: the scopes go with the context. */
static void run_on(struct coroutine *coroutine, ucontext_t *caller) {
  coroutine->caller = caller;
  ration_tag_capture(&coroutine->callers);
  ration_tag_resume(&coroutine->scopes);
  CHECK_EQUAL(swapcontext(caller, &coroutine->context), 0);
}

static __attribute__((noinline)) void yield_from(struct coroutine *coroutine) {
  ration_tag_capture(&coroutine->scopes);
  ration_tag_resume(&coroutine->callers);
  CHECK_EQUAL(swapcontext(&coroutine->context, coroutine->caller), 0);
}

static __attribute__((noinline)) void go_on(struct coroutine *coroutine, int number) {
  for (int i = 0; i < 50; i++) {
    RATION_SCOPE("coroutine/a") {
      take("coroutine/a", 64);
      yield_from(coroutine);
      take("coroutine/a", 64);
      enter("coroutine/b");
      yield_from(coroutine);
      RATION_SCOPE("coroutine/b/in") {
        take("coroutine/b/in", 128);
        if (i % 5 == number % 5) yield_from(coroutine);
        take("coroutine/b/in", 128);
      }
      take("coroutine/b", 256);
      yield_from(coroutine);
      leave();
      take("coroutine/a", 64);
    }
  }
}

static void run_coroutine(int number) {
  struct coroutine *coroutine = &coroutines[number];
  go_on(coroutine, number);
  ration_tag_resume(&coroutine->callers);
  coroutine->is_done = 1;
  swapcontext(&coroutine->context, coroutine->caller);
}

static void make_coroutines(void) {
  static _Alignas(64) char stacks[COROUTINES][STACK_BYTES];
  memset(coroutines, 0, sizeof coroutines);
  for (volatile int i = 0; i < COROUTINES; i++) {
    CHECK_EQUAL(getcontext(&coroutines[i].context), 0);
    coroutines[i].context.uc_stack.ss_sp = stacks[i];
    coroutines[i].context.uc_stack.ss_size = STACK_BYTES;
    makecontext(&coroutines[i].context, (void (*)(void))(void *)run_coroutine, 1, i);
  }
}

/* One step of each coroutine that is not done; how many there were. */
static int run_all_once(void) {
  ucontext_t caller;
  int ran = 0;
  RATION_SCOPE("scheduler") {
    for (int i = 0; i < COROUTINES; i++) {
      if (coroutines[i].is_done) continue;
      run_on(&coroutines[i], &caller);
      take("scheduler", 16);
      ran++;
    }
  }
  return ran;
}

static pthread_barrier_t turn;
static int left;

/* Turn by turn, each of two threads takes all coroutines a step further. */
static void *run_in_turn(void *is_second) {
  for (;;) {
    if (!is_second) left = run_all_once();
    pthread_barrier_wait(&turn);
    if (!left) return NULL;
    pthread_barrier_wait(&turn);
    if (is_second) run_all_once();
    pthread_barrier_wait(&turn);
  }
}

static void run_coroutines(void) {
  pthread_t second;
  static char yes;
  make_coroutines();
  while (run_all_once() > 0) continue;
  make_coroutines();
  pthread_barrier_init(&turn, NULL, 2);
  CHECK_EQUAL(pthread_create(&second, NULL, run_in_turn, &yes), 0);
  run_in_turn(NULL);
  join_thread(second);
}

int main(void) {
  run_pool();
  run_coroutines();
  if (is_tracked())
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
      struct ration_figures books = books_of(expected[i].path);
      CHECK(expected[i].blocks >= 100);
      CHECK_EQUAL(books.live_blocks, expected[i].blocks);
      CHECK_EQUAL(books.live_bytes, expected[i].bytes);
      CHECK_EQUAL(books.allocations, expected[i].blocks);
    }
  puts("done");
  return 0;
}
