/*
 * Threads with names, which allocate and free known numbers of blocks of a known size each, for tests of who allocates.
 * Blocks have 1000 usable bytes in glibc's heap, as many as are asked for. Arguments:
 *   ended:NAME:A:F  a thread that allocates A blocks, frees F of them, and ends
 *   lives:NAME:A:F  the same, and lives on until this program ends
 *   called:NAME     the last one is called otherwise from here on
 *   main:A:F        the main thread does so
 *   fork            a child does the rest
 *   wait            until stdin ends
 *   die             by SIGKILL
 * Expected: all of it is found in the report, by thread.
 */
#include <sys/prctl.h>

#include "victim.h"

#define BLOCK_BYTES 1000
#define BLOCKS_MOST 4096

struct task {
  char name[32];
  int allocations;
  int frees;
  int lives_on;
};

static pthread_barrier_t has_come;
static pthread_t last;

static void work(int allocations, int frees) {
  static __thread void *blocks[BLOCKS_MOST];
  CHECK(allocations <= BLOCKS_MOST);
  for (int i = 0; i < allocations; i++) blocks[i] = malloc(BLOCK_BYTES);
  for (int i = 0; i < frees; i++) free(blocks[i]);
}

static void *run(void *argument) {
  const struct task *task = argument;
  prctl(PR_SET_NAME, task->name);
  work(task->allocations, task->frees);
  pthread_barrier_wait(&has_come);
  while (task->lives_on) pause();
  return NULL;
}

static void start(const char *step) {
  static struct task tasks[128]; /* none of the heap's */
  static int count;
  struct task *task = &tasks[count++];
  task->lives_on = strncmp(step, "lives", 5) == 0;
  CHECK_EQUAL(sscanf(step, "%*[^:]:%31[^:]:%d:%d", task->name, &task->allocations, &task->frees), 3);
  CHECK_EQUAL(pthread_create(&last, NULL, run, task), 0);
  pthread_barrier_wait(&has_come);
  if (!task->lives_on) CHECK_EQUAL(pthread_join(last, NULL), 0);
}

static void wait_for_end(void) {
  char byte;
  dprintf(1, "waiting\n");
  while (read(0, &byte, 1) > 0) continue;
}

static void take_step(const char *step) {
  int allocations, frees;
  if (strncmp(step, "lives:", 6) == 0 || strncmp(step, "ended:", 6) == 0)
    start(step);
  else if (strncmp(step, "called:", 7) == 0)
    CHECK_EQUAL(pthread_setname_np(last, step + 7), 0);
  else if (sscanf(step, "main:%d:%d", &allocations, &frees) == 2)
    work(allocations, frees);
  else if (strcmp(step, "wait") == 0)
    wait_for_end();
  else if (strcmp(step, "die") == 0)
    raise(SIGKILL);
  else
    CHECK(!"a step");
}

int main(int argc, char **argv) {
  CHECK_EQUAL(pthread_barrier_init(&has_come, NULL, 2), 0);
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "fork") != 0) {
      take_step(argv[i]);
      continue;
    }
    pid_t pid = fork();
    if (pid > 0) _exit(status_of(pid));
  }
  return 0;
}
