/*
 * Tells of object pools, and does what the arguments say, in order:
 *   register:NAME:BYTES   a pool of the category world/NAME, by ration.h's function
 *   tag:NAME:BYTES        the same by tag.h's, without a category
 *   update:I:USED         the I-th one (from 0) has USED of 64 objects in use, and 100 takes, 90 of them hits
 *   unregister:I
 *   fork                  goes on in a child; its parent waits for it
 *   wrong                 calls that cannot be, and what they return
 */
#include "victim.h"

static int handles[300];
static int count;

static void register_pool(const char *name, size_t bytes) {
  char path[64];
  snprintf(path, sizeof path, "world/%s", name);
  if (SHIM(ration_pool_register))
    handles[count] = SHIM(ration_pool_register)(name, SHIM(ration_category)(path), bytes);
  CHECK(!is_tracked() || handles[count] > 0);
  count++;
}

static void register_by_tag(const char *name, size_t bytes) {
  handles[count] = ration_tag_pool_register(name, 0, bytes);
  CHECK(is_tracked() ? handles[count] > 0 : handles[count] == -ENOTSUP);
  count++;
}

static void update(int number, uint64_t used) {
  struct ration_pool_figures figures = {sizeof figures, used, 64, used + 1, 100, 90};
  errno = 77;
  CHECK_EQUAL(ration_tag_pool_update(handles[number], &figures), is_tracked() ? 0 : -ENOENT);
  CHECK_EQUAL(errno, 77);
}

static void unregister(int number) {
  CHECK_EQUAL(ration_tag_pool_unregister(handles[number]), is_tracked() ? 0 : -ENOENT);
  CHECK_EQUAL(ration_tag_pool_unregister(handles[number]), -ENOENT);
}

static void try_wrong(void) {
  struct ration_pool_figures figures = {sizeof figures, 0, 0, 0, 0, 0}, of_another_size = {8, 0, 0, 0, 0, 0};
  if (!SHIM(ration_pool_register) || !is_tracked()) return;
  CHECK_EQUAL(SHIM(ration_pool_register)(NULL, 0, 8), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_register)("", 0, 8), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_register)("pool", 0, 0), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_register)("pool", 251, 8), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_register)("pool", 100000, 8), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_update)(12345, &figures), -ENOENT);
  CHECK_EQUAL(SHIM(ration_pool_update)(12345, NULL), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_update)(12345, &of_another_size), -EINVAL);
  CHECK_EQUAL(SHIM(ration_pool_unregister)(-1), -ENOENT);
}

static void go_on_in_child(void) {
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    free(malloc(100));
    return;
  }
  int status;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  exit(0);
}

static void do_step(char *step) {
  char *what = strtok(step, ":"), *first = strtok(NULL, ":"), *second = strtok(NULL, ":");
  if (strcmp(what, "register") == 0)
    register_pool(first, strtoul(second, NULL, 10));
  else if (strcmp(what, "tag") == 0)
    register_by_tag(first, strtoul(second, NULL, 10));
  else if (strcmp(what, "update") == 0)
    update(atoi(first), strtoul(second, NULL, 10));
  else if (strcmp(what, "unregister") == 0)
    unregister(atoi(first));
  else if (strcmp(what, "fork") == 0)
    go_on_in_child();
  else if (strcmp(what, "wrong") == 0)
    try_wrong();
  else
    CHECK(!"a step");
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) do_step(argv[i]);
  return 0;
}
