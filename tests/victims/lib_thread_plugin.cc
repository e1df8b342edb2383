/*
 * A C++ plugin whose constructor starts a thread and waits for it, while the loader holds its lock; the thread is the
 * first to use operator new[].
 *
 * link: -shared -fPIC
 */
#include <pthread.h>

extern "C" int plugin_blocks(void);

static int blocks;

static void *run(void *unused) {
  for (int i = 0; i < 100; i++) {
    char *volatile block = new char[100]; /* volatile: or the compiler leaves both out */
    delete[] block;
    blocks++;
  }
  return unused;
}

__attribute__((constructor)) static void begin() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, run, nullptr) == 0) pthread_join(thread, nullptr);
}

extern "C" int plugin_blocks(void) {
  return blocks;
}
