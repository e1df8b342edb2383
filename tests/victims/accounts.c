/*
 * Memory that malloc never sees, reported by hand. Expected: what is reported stands in the accounts, in no category's
 * books, survives fork with its blocks, and a child's reports are not its parent's. How the child comes about is the
 * argument: fork, or clone, the raw system call, which runs no handler of pthread_atfork. All calls keep errno. A
 * passive process takes reports, and does nothing.
 */
#include <sys/syscall.h>

#include "victim.h"

#define MIB (1 << 20)

static int (*add)(ration_category_id, uint64_t);
static int (*take_away)(ration_category_id, uint64_t);
static int (*set_block)(ration_category_id, const void *, uint64_t);

static void *handle(uintptr_t number) {
  return (void *)number;
}

/* A chain of reports in many threads, which come to nothing but 7 bytes each. */
static void *report(void *category) {
  for (int i = 0; i < 10000; i++) {
    CHECK_EQUAL(add(*(ration_category_id *)category, 100), 0);
    CHECK_EQUAL(take_away(*(ration_category_id *)category, 100), 0);
  }
  CHECK_EQUAL(add(*(ration_category_id *)category, 7), 0);
  return NULL;
}

static void report_in_threads(ration_category_id category) {
  pthread_t threads[8];
  for (int i = 0; i < 8; i++) threads[i] = start_thread(report, &category);
  for (int i = 0; i < 8; i++) join_thread(threads[i]);
}

static void in_child(ration_category_id gpu, ration_category_id arenas) {
  CHECK_EQUAL(set_block(gpu, handle(1), 0), 0);
  CHECK_EQUAL(set_block(gpu, handle(2), 3 * MIB), 0);
  CHECK_EQUAL(take_away(arenas, 56), 0);
  CHECK_EQUAL(take_away(arenas, 1), -EINVAL);
}

static void run(const char *how) {
  ration_category_id gpu = SHIM(ration_category)("gpu/buffers"), arenas = SHIM(ration_category)("arenas");
  errno = 77;
  CHECK_EQUAL(set_block(gpu, handle(1), MIB), 0);
  CHECK_EQUAL(set_block(gpu, handle(2), 2 * MIB), 0);
  CHECK_EQUAL(set_block(arenas, handle(3), 4 * MIB), 0);
  CHECK_EQUAL(set_block(gpu, handle(3), 4 * MIB), 0);
  CHECK_EQUAL(set_block(0, handle(3), 0), 0);
  CHECK_EQUAL(set_block(0, handle(3), 0), -ENOENT);
  CHECK_EQUAL(set_block(250, handle(3), 1), -EINVAL);
  CHECK_EQUAL(errno, 77);
  report_in_threads(arenas);
  struct ration_figures books = books_by_id(gpu);
  CHECK_EQUAL(books.live_bytes, 0);
  CHECK_EQUAL(books.allocations, 0);
  pid_t pid = strcmp(how, "clone") == 0 ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    in_child(gpu, arenas);
    _exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
}

/* What is well-formed is taken in silence; what the program says first may be wrong all the same. */
static void check_passive(void) {
  CHECK_EQUAL(add(RATION_TOTAL, 5), 0);
  CHECK_EQUAL(take_away(RATION_TOTAL, 6), 0);
  CHECK_EQUAL(set_block(RATION_TOTAL, handle(9), 5), 0);
  CHECK_EQUAL(set_block(RATION_TOTAL, NULL, 5), -EINVAL);
}

int main(int argc, char **argv) {
  add = SHIM(ration_account_add);
  take_away = SHIM(ration_account_remove);
  set_block = SHIM(ration_account_block);
  if (is_tracked())
    run(argc > 1 ? argv[1] : "fork");
  else if (add)
    check_passive();
  free(malloc(1));
  puts("done");
  return 0;
}
