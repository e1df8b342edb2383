/*
 * A little of all that makes a shim call the system: blocks of all sizes, categories, threads at once and one after another, a
 * library that comes and goes, a forked child with a child of its own. Argument: that library. Expected: whichever call of the
 * shim's own fails, output and status are the same.
 */
#include "victim.h"

#define THREADS 4
#define ALONE   ((void *)(intptr_t)THREADS)

static pthread_barrier_t together;

static void use(unsigned seed) {
  void *blocks[60] = {NULL};
  for (unsigned i = 0; i < 600; i++) {
    unsigned at = i * seed % 60;
    size_t size = i % 97 == 0 ? 300000 : (i * 7919 + seed) % 3000;
    if (i % 3)
      blocks[at] = realloc(blocks[at], size + 1);
    else
      free(blocks[at]), blocks[at] = calloc(1, size + 1);
    CHECK(blocks[at] != NULL);
    ((char *)blocks[at])[size] = (char)i;
  }
  for (int i = 0; i < 60; i++) free(blocks[i]);
}

static void *run(void *number) {
  char path[40];
  snprintf(path, sizeof path, "thread/%d", (int)(intptr_t)number);
  enter(path);
  use(7);
  leave();
  if (number != ALONE) pthread_barrier_wait(&together); /* so that none takes over what another has left */
  return NULL;
}

static void load(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  CHECK(library != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
  CHECK(allocate != NULL);
  free(allocate(1000));
  CHECK_EQUAL(dlclose(library), 0);
  use(11);
}

static int generation(int depth, const char *path) {
  pid_t child = fork();
  if (child > 0) return status_of(child);
  CHECK_EQUAL(child, 0);
  enter("child");
  use(13);
  join_thread(start_thread(run, ALONE));
  load(path);
  leave();
  _exit(depth ? generation(depth - 1, path) + 1 : 3);
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  CHECK_EQUAL(argc, 2);
  CHECK_EQUAL(pthread_barrier_init(&together, NULL, THREADS), 0);
  use(3);
  for (intptr_t i = 0; i < THREADS; i++) threads[i] = start_thread(run, (void *)i);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  join_thread(start_thread(run, ALONE));
  load(argv[1]);
  printf("%d\n", generation(1, argv[1]));
  use(17);
  puts("done");
  return 5;
}
