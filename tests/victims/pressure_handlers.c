/*
 * Handlers of every kind. Expected: a deferred one is called on a thread that is not the program's, with all signals
 * blocked, when its level begins, and again while it stands and usage grows; a polled one only by ration_pressure_poll;
 * a synchronous one in the thread that would be refused, which then is not. Handlers register and unregister others
 * and themselves, allocate from the reserve, free, and are never called twice at a time; unregistering waits for a call
 * that runs. In a forked child there are none until it registers some. Pretended levels call as real ones do.
 */
#include <malloc.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include "victim.h"

#define MIB ((uint64_t)1 << 20)

static ration_category_id cache, below;
static sem_t called;
static int is_inside, calls;
static struct ration_pressure last;

static void set(ration_category_id category, uint64_t limit, uint64_t reserve, int policy) {
  struct ration_budget budget = {
      .size = sizeof budget, .limit_bytes = limit, .reserve_bytes = reserve, .policy = policy};
  CHECK_EQUAL(SHIM(ration_budget_set)(category, &budget), 0);
}

static int add(ration_category_id category, int level, int dispatch, ration_pressure_function *function,
               void *context) {
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = category,
                                   .lowest_level = level,
                                   .dispatch = dispatch,
                                   .function = function,
                                   .context = context};
  return SHIM(ration_pressure_register)(&handler);
}

static int take_out(int handle) {
  return SHIM(ration_pressure_unregister)(handle);
}

static void *hold(ration_category_id category, size_t bytes) {
  ration_tag_enter(category);
  void *block = malloc(bytes);
  ration_tag_leave();
  return block;
}

/* So many bytes of blocks, each of which comes out as about what was asked for, whatever the allocator. */
#define PIECE (64 << 10)

static void **hold_much(ration_category_id category, size_t bytes) {
  void **list = NULL;
  for (size_t held = 0; held < bytes;) {
    void **block = hold(category, PIECE);
    CHECK(block != NULL);
    held += malloc_usable_size(block);
    *block = list;
    list = block;
  }
  return list;
}

static void free_much(void **list) {
  while (list) {
    void **next = *list;
    free(list);
    list = next;
  }
}

/* Keeps what it is told; everything that may be done in a handler is done. */
static uint64_t note(const struct ration_pressure *pressure, void *first_thread) {
  CHECK_EQUAL(__atomic_add_fetch(&is_inside, 1, __ATOMIC_SEQ_CST), 1);
  sigset_t blocked;
  CHECK_EQUAL(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
  if (first_thread)
    CHECK(syscall(SYS_gettid) != *(long *)first_thread && sigismember(&blocked, SIGUSR1) == 1);
  int other = add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL);
  CHECK(other > 0);
  CHECK_EQUAL(take_out(other), 0);
  free(malloc(1000));
  last = *pressure;
  calls++;
  __atomic_sub_fetch(&is_inside, 1, __ATOMIC_SEQ_CST);
  sem_post(&called);
  return 5;
}

static void check_deferred(void) {
  long own = syscall(SYS_gettid);
  set(cache, 100 * MIB, 0, RATION_POLICY_NOTIFY);
  int handle = add(cache, RATION_LEVEL_MEDIUM, RATION_DISPATCH_DEFERRED, note, &own);
  CHECK(handle > 0);
  void **low = hold_much(below, 70 * MIB);
  void **medium = hold_much(below, 12 * MIB);
  sem_wait(&called);
  CHECK_EQUAL(last.level, RATION_LEVEL_MEDIUM);
  CHECK_EQUAL(last.category, cache);
  CHECK_EQUAL(last.budget, cache);
  CHECK(last.used_bytes >= 80 * MIB && last.used_bytes < 83 * MIB);
  uint64_t edge = 78 * MIB, wanted = last.used_bytes - edge;
  CHECK_EQUAL(last.wanted_bytes, wanted + 1);
  void **more = hold_much(below, 2 * MIB); /* another 1 %, and the level stands */
  sem_wait(&called);
  CHECK_EQUAL(last.level, RATION_LEVEL_MEDIUM);
  CHECK(calls >= 2);
  void **high = hold_much(below, 8 * MIB);
  do sem_wait(&called);
  while (last.level != RATION_LEVEL_HIGH);
  free_much(low), free_much(medium), free_much(more), free_much(high);
  CHECK_EQUAL(SHIM(ration_pressure_level)(below), RATION_LEVEL_NONE);
  CHECK_EQUAL(take_out(handle), 0);
  CHECK_EQUAL(take_out(handle), -ENOENT);
}

static void check_polled(void) {
  int (*poll)(void) = SHIM(ration_pressure_poll);
  int before = calls;
  int handle = add(below, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL);
  CHECK_EQUAL(poll(), 0);
  void **low = hold_much(cache, 61 * MIB);
  CHECK_EQUAL(calls, before);
  CHECK_EQUAL(SHIM(ration_pressure_level)(below), RATION_LEVEL_LOW);
  CHECK_EQUAL(poll(), 1);
  CHECK_EQUAL(last.category, below);
  CHECK_EQUAL(last.budget, cache);
  CHECK_EQUAL(poll(), 0);
  SHIM(ration_pressure_suppress)(1);
  CHECK_EQUAL(SHIM(ration_pressure_simulate)(cache, RATION_LEVEL_CRITICAL), 0);
  CHECK_EQUAL(poll(), 0);
  SHIM(ration_pressure_suppress)(0);
  CHECK_EQUAL(poll(), 1);
  CHECK_EQUAL(last.level, RATION_LEVEL_CRITICAL);
  CHECK_EQUAL(SHIM(ration_pressure_simulate)(cache, -1), 0);
  CHECK_EQUAL(SHIM(ration_pressure_level)(cache), RATION_LEVEL_LOW);
  CHECK_EQUAL(SHIM(ration_pressure_simulate)(below, RATION_LEVEL_LOW), -ENOENT);
  CHECK_EQUAL(take_out(handle), 0);
  int late = add(below, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL); /* the level stands already */
  CHECK_EQUAL(poll(), 1);
  CHECK_EQUAL(take_out(late), 0);
  free_much(low);
}

/* ---- before a refusal --------------------------------------------------------------------------------------- */

static void *spare[64];

static uint64_t free_spare(const struct ration_pressure *pressure, void *unused) {
  uint64_t freed = 0;
  void *from_reserve = hold(cache, 1000);
  CHECK(from_reserve != NULL);
  for (int i = 0; i < 64 && freed < pressure->wanted_bytes; i++) {
    freed += malloc_usable_size(spare[i]);
    free(spare[i]);
    spare[i] = NULL;
  }
  free(from_reserve);
  calls++;
  last = *pressure;
  (void)unused;
  return freed;
}

static void check_synchronous(void) {
  set(cache, 10 * MIB, 100000, RATION_POLICY_REFUSE);
  for (int i = 0; i < 64; i++) spare[i] = hold(below, 100000);
  int handle = add(cache, RATION_LEVEL_CRITICAL, RATION_DISPATCH_SYNCHRONOUS, free_spare, NULL);
  int before = calls;
  void *large = hold(below, 5 * MIB);
  CHECK(large != NULL);
  CHECK_EQUAL(calls, before + 1);
  CHECK(last.wanted_bytes > MIB && last.wanted_bytes < 4 * MIB);
  CHECK_EQUAL(last.level, RATION_LEVEL_CRITICAL);
  errno = 0;
  CHECK(hold(below, 20 * MIB) == NULL && errno == ENOMEM);
  CHECK_EQUAL(calls, before + 2);
  CHECK_EQUAL(take_out(handle), 0);
  for (int i = 0; i < 64; i++) free(spare[i]);
  free(large);
}

/* ---- leaving ------------------------------------------------------------------------------------------------ */

static int own_handle;
static uint64_t leave_itself(const struct ration_pressure *pressure, void *unused) {
  CHECK_EQUAL(take_out(own_handle), 0);
  calls++;
  (void)pressure, (void)unused;
  return 0;
}

static sem_t may_end, has_begun;
static int has_ended;
static uint64_t take_long(const struct ration_pressure *pressure, void *unused) {
  sem_post(&has_begun);
  sem_wait(&may_end);
  usleep(20000);
  __atomic_store_n(&has_ended, 1, __ATOMIC_SEQ_CST);
  (void)pressure, (void)unused;
  return 0;
}

static void check_leaving(void) {
  set(cache, 100 * MIB, 0, RATION_POLICY_NOTIFY);
  CHECK_EQUAL(SHIM(ration_pressure_simulate)(cache, RATION_LEVEL_HIGH), 0);
  int before = calls;
  own_handle = add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, leave_itself, NULL);
  CHECK_EQUAL(SHIM(ration_pressure_poll)(), 1);
  CHECK_EQUAL(calls, before + 1);
  CHECK_EQUAL(take_out(own_handle), -ENOENT);
  int handle = add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_DEFERRED, take_long, NULL);
  sem_wait(&has_begun);
  sem_post(&may_end);
  CHECK_EQUAL(take_out(handle), 0);
  CHECK_EQUAL(__atomic_load_n(&has_ended, __ATOMIC_SEQ_CST), 1);
  CHECK_EQUAL(SHIM(ration_pressure_simulate)(cache, -1), 0);
}

static void check_fork(void) {
  while (sem_trywait(&called) == 0) {
  }
  int handle = add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL);
  int before = calls;
  pid_t child = fork();
  if (child == 0) {
    void **block = hold_much(cache, 91 * MIB);
    CHECK(SHIM(ration_pressure_level)(cache) >= RATION_LEVEL_HIGH);
    CHECK_EQUAL(SHIM(ration_pressure_poll)(), 0);
    CHECK_EQUAL(calls, before);
    long own = syscall(SYS_gettid);
    CHECK(add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_DEFERRED, note, &own) > 0);
    sem_wait(&called);
    CHECK_EQUAL(calls, before + 1);
    free_much(block);
    _exit(0);
  }
  CHECK_EQUAL(status_of(child), 0);
  CHECK_EQUAL(SHIM(ration_pressure_level)(cache), RATION_LEVEL_NONE);
  CHECK_EQUAL(take_out(handle), 0);
}

static void check_refused(void) {
  CHECK_EQUAL(add(0, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL), -EINVAL);
  CHECK_EQUAL(add(cache, RATION_LEVEL_NONE, RATION_DISPATCH_POLLED, note, NULL), -EINVAL);
  CHECK_EQUAL(add(cache, RATION_LEVEL_LOW, 0, note, NULL), -EINVAL);
  CHECK_EQUAL(add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, NULL, NULL), -EINVAL);
  CHECK_EQUAL(take_out(0), -ENOENT);
  int handles[65];
  for (int i = 0; i < 64; i++) CHECK((handles[i] = add(cache, 1, RATION_DISPATCH_POLLED, note, NULL)) > 0);
  CHECK_EQUAL(add(cache, RATION_LEVEL_LOW, RATION_DISPATCH_POLLED, note, NULL), -ENOSPC);
  for (int i = 0; i < 64; i++) CHECK_EQUAL(take_out(handles[i]), 0);
}

int main(void) {
  CHECK(is_tracked());
  sem_init(&called, 0, 0);
  sem_init(&may_end, 0, 0);
  sem_init(&has_begun, 0, 0);
  cache = ration_tag_category("cache");
  below = ration_tag_category("cache/below");
  check_deferred();
  check_polled();
  check_synchronous();
  check_leaving();
  check_fork();
  check_refused();
  puts("called");
  return 0;
}
