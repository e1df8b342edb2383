/*
 * Asks for blocks: arguments are how many and how large, and perhaps a category. Prints how many it got, to the last;
 * a request that is refused says ENOMEM, and the next is asked for all the same. With `slowly` behind, it waits for a
 * byte on stdin before each, and says that it is done with it.
 */
#include "victim.h"

int main(int count, char **arguments) {
  CHECK(count >= 3);
  int number = atoi(arguments[1]), granted = 0, is_slow = count > 4;
  size_t size = (size_t)atol(arguments[2]);
  if (count > 3) enter(arguments[3]);
  for (int i = 0; i < number; i++) {
    if (is_slow && getchar() == EOF) break;
    errno = 0;
    void *block = malloc(size);
    if (block)
      granted++;
    else
      CHECK_EQUAL(errno, ENOMEM);
    if (is_slow) CHECK_EQUAL(write(1, "done\n", 5), 5);
  }
  if (count > 3) leave();
  dprintf(1, "granted %d of %d\n", granted, number);
  return 0;
}
