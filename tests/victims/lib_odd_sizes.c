/*
 * A malloc_usable_size, preloaded below the shim, that is not of the library of malloc, and whose sizes make no sense.
 * Its first call comes back only after another thread has allocated.
 *
 * link: -shared -fPIC
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

static void *run(void *unused) {
  for (int i = 0; i < 10; i++) free(malloc(100));
  return unused;
}

size_t malloc_usable_size(void *block) {
  static int calls;
  pthread_t thread;
  if (!block) return 0;
  if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) == 0 && pthread_create(&thread, NULL, run, NULL) == 0)
    pthread_join(thread, NULL);
  return 1;
}
