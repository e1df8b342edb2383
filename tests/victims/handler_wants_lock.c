/*
 * A handler that frees memory takes the locks that the allocating code holds while it allocates: its own, stdio's, and the
 * loader's. Called within malloc it would wait for itself. Expected: the program that holds them goes on, and the handler,
 * on a thread that is not the program's, has them when they are free; a child that is forked while it waits, too.
 */
#include <semaphore.h>

#include "victim.h"

#define MIB ((size_t)1 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t called;

static uint64_t need_locks(const struct ration_pressure *pressure, void *unused) {
  (void)pressure, (void)unused;
  pthread_mutex_lock(&lock);
  flockfile(stdout);
  void *library = dlopen("libm.so.6", RTLD_NOW);
  if (library) dlclose(library);
  funlockfile(stdout);
  pthread_mutex_unlock(&lock);
  sem_post(&called);
  return 0;
}

static void begin(ration_category_id category) {
  struct ration_budget budget = {
      .size = sizeof budget, .limit_bytes = 10 * MIB, .policy = RATION_POLICY_NOTIFY};
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = category,
                                   .lowest_level = RATION_LEVEL_LOW,
                                   .dispatch = RATION_DISPATCH_DEFERRED,
                                   .function = need_locks};
  CHECK_EQUAL(SHIM(ration_budget_set)(category, &budget), 0);
  CHECK(SHIM(ration_pressure_register)(&handler) > 0);
}

int main(void) {
  static void *blocks[200];
  ration_category_id category = ration_tag_category("cache");
  CHECK_EQUAL(sem_init(&called, 0, 0), 0);
  if (is_tracked()) begin(category);
  pthread_mutex_lock(&lock);
  flockfile(stdout);
  ration_tag_enter(category);
  for (int i = 0; i < 200; i++) CHECK((blocks[i] = malloc(64 << 10)) != NULL);
  ration_tag_leave();
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 200; i++) free(blocks[i]);
    _exit(malloc(1000) ? 7 : 8);
  }
  CHECK_EQUAL(status_of(child), 7);
  funlockfile(stdout);
  pthread_mutex_unlock(&lock);
  if (is_tracked()) CHECK_EQUAL(sem_wait(&called), 0);
  for (int i = 0; i < 200; i++) free(blocks[i]);
  puts("done");
  return 0;
}
