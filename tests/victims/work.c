/*
 * What any program does: blocks of all sizes, threads, a forked child, a file. To be run where the host is unkind: no
 * room for the segment, little memory, few descriptors. Expected: the same output and status as without the shim.
 */
#include "victim.h"

#define BLOCKS  2000
#define THREADS 8

static unsigned long mix(unsigned seed) {
  void *blocks[200] = {NULL};
  unsigned long sum = 0;
  for (unsigned i = 0; i < BLOCKS; i++) {
    char **block = (char **)&blocks[i * seed % 200];
    size_t size = (i * 7919 + seed) % 2000;
    *block = i % 3 ? realloc(*block, size + 1) : (free(*block), calloc(1, size + 1));
    CHECK(*block != NULL);
    (*block)[size] = (char)i;
    sum = sum * 31 + (unsigned char)(*block)[size];
  }
  for (int i = 0; i < 200; i++) free(blocks[i]);
  return sum;
}

static void *run(void *sum) {
  enter("thread");
  *(unsigned long *)sum = mix(3);
  leave();
  return NULL;
}

/* A block in each of so many categories; the scope of the last one stays open. */
static void enter_many(int categories) {
  for (int i = 0; i < categories; i++) {
    char name[32];
    snprintf(name, sizeof name, "category/%d", i);
    if (i) leave();
    enter(name);
    CHECK(malloc(50) != NULL);
  }
}

static void fork_one(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    printf("%lx in the child\n", mix(11));
    enter("of/child");
    printf("%lx in the child\n", mix(17));
    leave();
    exit(3);
  }
  CHECK_EQUAL(status_of(pid), 3);
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  unsigned long sums[THREADS];
  enter_many(argc > 1 ? atoi(argv[1]) : 0);
  printf("%lx\n", mix(7));
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(run, &sums[i]);
  for (int i = 0; i < THREADS; i++) join_thread(threads[i]);
  for (int i = 0; i < THREADS; i++) CHECK_EQUAL(sums[i], sums[0]);
  fork_one();
  printf("%lx\n", mix(13));
  return 4;
}
