/*
 * A new-handler that itself uses new, and then makes room, so that operator new tries again with success. Expected: the
 * block is the program's, who asked for it, as are those of the handler.
 */
#include <new>
#include <sys/resource.h>

#include "victim.h"

#define LARGE (static_cast<size_t>(400) << 20)

static struct rlimit unlimited;
static int calls;
static char category_in_handler[256];

static void make_room() {
  CHECK_EQUAL(setrlimit(RLIMIT_AS, &unlimited), 0);
  int *volatile block = new int;
  snprintf(category_in_handler, sizeof category_in_handler, "%s", category_of(block));
  delete block;
  calls++;
}

static void limit_to(rlim_t bytes) {
  struct rlimit limited = unlimited;
  limited.rlim_cur = bytes;
  CHECK_EQUAL(setrlimit(RLIMIT_AS, &limited), 0);
}

static rlim_t mapped_bytes() {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != nullptr);
  CHECK_EQUAL(fscanf(file, "%lu", &pages), 1);
  fclose(file);
  return pages * 4096;
}

int main() {
  CHECK_EQUAL(getrlimit(RLIMIT_AS, &unlimited), 0);
  std::set_new_handler(make_room);
  for (int i = 1; i <= 3; i++) {
    limit_to(mapped_bytes() + LARGE / 4);
    char *volatile block = new char[LARGE];
    CHECK_EQUAL(calls, i);
    if (is_tracked()) {
      CHECK_EQUAL(strcmp(category_of(block), "bin/new_handler_uses_new"), 0);
      CHECK_EQUAL(strcmp(category_in_handler, "bin/new_handler_uses_new"), 0);
    }
    delete[] block;
  }
  puts("done");
}
