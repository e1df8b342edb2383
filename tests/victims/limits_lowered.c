/*
 * A program lowers its own limits after the start, to nothing: no descriptor, no file, no more address space.
 * Expected: threads and forked children still run, and what memory there is is the program's.
 */
#include <sys/resource.h>

#include "victim.h"

static void lower(__rlimit_resource_t resource, rlim_t to) {
  struct rlimit limit;
  CHECK_EQUAL(getrlimit(resource, &limit), 0);
  limit.rlim_cur = to;
  CHECK_EQUAL(setrlimit(resource, &limit), 0);
}

static void *run(void *unused) {
  for (size_t i = 0; i < 1000; i++) {
    void *volatile block = malloc(i);
    free(block);
  }
  return unused;
}

static void fork_one(void) {
  pid_t pid = fork();
  if (pid == 0) {
    run(NULL);
    _exit(6);
  }
  CHECK_EQUAL(status_of(pid), 6);
}

int main(void) {
  lower(RLIMIT_NOFILE, 0);
  join_thread(start_thread(run, NULL));
  fork_one();
  lower(RLIMIT_FSIZE, 0);
  fork_one();
  run(NULL);
  lower(RLIMIT_AS, 0);
  void *volatile refused = malloc((size_t)1 << 26);
  CHECK(refused == NULL && errno == ENOMEM);
  run(NULL);
  fork_one();
  lower(RLIMIT_FSIZE, RLIM_INFINITY);
  puts("done");
  return 0;
}
