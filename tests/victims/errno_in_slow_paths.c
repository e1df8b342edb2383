/*
 * errno is the program's: free must keep it, and successful requests do, also where a tracker has more to do than
 * usual: in a thread's first call, a forked child's, the one after a dlclose, that for the first block of a region,
 * and where a category is new. (Over libc: other allocators set errno by themselves.)
 */
#include "victim.h"

static void *block;

#define KEEPS(call)                                                                                          \
  do {                                                                                                       \
    errno = 77;                                                                                              \
    call;                                                                                                    \
    CHECK_EQUAL(errno, 77);                                                                                  \
  } while (0)

static void *first_malloc(void *unused) {
  KEEPS(void *volatile own = malloc(10); free(own));
  return unused;
}

static void *first_realloc(void *unused) {
  KEEPS(block = realloc(block, 5000));
  return unused;
}

static void *first_free(void *unused) {
  KEEPS(free(block));
  return unused;
}

static void *first_category(void *unused) {
  KEEPS(enter("some/new/category"));
  KEEPS(free(malloc(10)));
  KEEPS(leave(); leave());
  return unused;
}

int main(void) {
  static void *(*const all[])(void *) = {first_malloc, first_realloc, first_category, first_free};
  ration_tag_is_present();
  for (size_t i = 0; i < 4; i++) {
    block = malloc(10);
    join_thread(start_thread(all[i], NULL));
  }
  for (size_t i = 0; i < 4; i++) {
    block = malloc(10);
    pid_t pid = fork();
    if (pid == 0) {
      all[i](NULL);
      _exit(0);
    }
    CHECK_EQUAL(status_of(pid), 0);
  }
  KEEPS(block = malloc((size_t)1 << 28));
  KEEPS(block = realloc(block, (size_t)1 << 29));
  KEEPS(free(block));
  dlclose(dlopen(NULL, RTLD_NOW));
  KEEPS(free(malloc(10)));
  puts("done");
  return 0;
}
