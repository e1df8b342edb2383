/*
 * A child that starts with empty books shows frees of blocks that it never allocated; one that shares its
 * parent's counts everything twice. Expected, single-threaded: child and grandchild begin with exactly their
 * parent's books, counts included, and what they do is not in their parent's.
 */
#include "victim.h"

static const char *const categories[] = {"a", "a/b", "c", "bin/fork_exact", "total"};
#define CATEGORIES 5

static void read_all(struct ration_figures books[CATEGORIES]) {
  for (int i = 0; i < CATEGORIES; i++)
    if (is_tracked()) books[i] = books_of(categories[i]);
}

static void check_same(const struct ration_figures *a, const struct ration_figures *b) {
  for (int i = 0; i < CATEGORIES; i++) {
    CHECK_EQUAL(a[i].allocations, b[i].allocations);
    CHECK_EQUAL(a[i].frees, b[i].frees);
    CHECK_EQUAL(a[i].reallocations, b[i].reallocations);
    CHECK_EQUAL(a[i].allocated_bytes, b[i].allocated_bytes);
    CHECK_EQUAL(a[i].requested_bytes, b[i].requested_bytes);
    CHECK_EQUAL(a[i].live_bytes, b[i].live_bytes);
    CHECK_EQUAL(a[i].subtree_live_bytes, b[i].subtree_live_bytes);
    CHECK_EQUAL(a[i].subtree_live_blocks, b[i].subtree_live_blocks);
  }
}

static void *allocate(const char *category, size_t size) {
  enter(category);
  void *block = realloc(malloc(size), 2 * size);
  free(malloc(size));
  leave();
  return block;
}

static void descend(int generations, void *inherited) {
  static struct ration_figures before[8][CATEGORIES], after[8][CATEGORIES];
  void *own = allocate("c", 300);
  read_all(before[generations]);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    read_all(after[generations]);
    check_same(before[generations], after[generations]);
    free(inherited);
    if (generations > 1) descend(generations - 1, own);
    exit(0);
  }
  CHECK_EQUAL(status_of(pid), 0);
  read_all(after[generations]);
  check_same(before[generations], after[generations]);
}

int main(void) {
  void *block = allocate("a/b", 1000);
  allocate("a", 50);
  descend(4, block);
  puts("done");
  return 0;
}
