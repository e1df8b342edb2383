/*
 * Descriptor numbers are the program's: it closes what it did not open, and counts on the lowest one that is free.
 * Expected: the first file that main opens has the number that it has without the shim, and no other one is open; a
 * program that closes 3 to 1023 and uses the numbers again finds its own data there, also after a fork.
 */
#include <fcntl.h>

#include "victim.h"

int main(void) {
  int first = open("/dev/null", O_RDWR);
  printf("first %d\n", first);
  fflush(stdout);
  for (int i = 0; i < 5000; i++)
    if (i != first && fcntl(i, F_GETFD) >= 0) printf("open %d\n", i);
  for (int i = 3; i < 1024; i++) close(i);
  free(malloc(100));
  int ends[2];
  if (pipe(ends) == 0) {
    for (int i = 500; i < 520; i++) CHECK_EQUAL(dup2(ends[1], i), i);
    join_thread(start_thread((void *(*)(void *))(void *)malloc, (void *)10));
    pid_t pid = fork();
    if (pid == 0) {
      free(malloc(100));
      for (int i = 0; i < 5000; i++)
        if (i > 2 && (i < 500 || i >= 520) && i != ends[0] && i != ends[1]) CHECK(fcntl(i, F_GETFD) < 0);
      _exit(write(510, "12345", 5) == 5 ? 0 : 1);
    }
    CHECK_EQUAL(status_of(pid), 0);
    char bytes[16];
    CHECK_EQUAL(read(ends[0], bytes, sizeof bytes), 5);
  }
  puts("done");
  return 0;
}
