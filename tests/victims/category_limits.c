/*
 * Names come from programs: too long, too deep, empty, full of what no name may have, and too many. Expected: what is
 * no path is refused, what finds no room is `other`, and counted; ids stay what they were.
 */
#include "victim.h"

static void check_refused(const char *path) {
  CHECK_EQUAL(SHIM(ration_category)(path), 0);
}

int main(void) {
  char path[300];
  if (!is_tracked()) return puts("done") < 0;
  check_refused(NULL);
  check_refused("");
  check_refused("/");
  check_refused("a/");
  check_refused("/a");
  check_refused("a//b");
  check_refused("a b");
  check_refused("a\n");
  check_refused("\xc3\xa4");
  check_refused("total/a");
  check_refused("1/2/3/4/5/6/7/8/9");
  memset(path, 'x', sizeof path);
  path[64] = '\0';
  check_refused(path);
  path[63] = '\0';
  CHECK(SHIM(ration_category)(path) > 2);
  CHECK(SHIM(ration_category)("1/2/3/4/5/6/7/8") > 2);
  CHECK_EQUAL(SHIM(ration_category)("total"), RATION_TOTAL);
  CHECK_EQUAL(SHIM(ration_category)("other"), RATION_OTHER);
  uint32_t first = SHIM(ration_category)("many/0"), id = first;
  for (int i = 1; i < 400; i++) {
    snprintf(path, sizeof path, "many/%d", i);
    uint32_t next = SHIM(ration_category)(path);
    CHECK(next == id + 1 || next == RATION_OTHER);
    if (next != RATION_OTHER) id = next;
    SHIM(ration_enter)(next);
    void *block = malloc(100);
    SHIM(ration_leave)();
    CHECK_EQUAL(strcmp(category_of(block), next == RATION_OTHER ? "other" : path), 0);
    free(block);
  }
  CHECK_EQUAL(id, 252);
  CHECK_EQUAL(SHIM(ration_category)("many/0"), first);
  CHECK_EQUAL(books_of("other").allocations, 399 - (252 - first));
  CHECK_EQUAL(books_of("other").live_blocks, 0);
  CHECK(SHIM(ration_category_path)(253) == NULL && SHIM(ration_category_path)(0) == NULL);
  puts("done");
  return 0;
}
