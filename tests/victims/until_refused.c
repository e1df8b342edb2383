/*
 * A program that asks for memory until it is refused, gives all back and does so again: for a machine that grants no more
 * than it has. What a tracker reserves for itself must not count there. Tells on stderr how many MiB it got. Expected: as much
 * as without the shim, but for an eighth, and the second time not much less: glibc takes blocks from elsewhere then, and what
 * a tracker notes of an address stays.
 */
#include "victim.h"

#define STEP ((size_t)1 << 20)
#define MOST 16384 /* MiB: another machine than this one is for may have no end of it */

struct step {
  struct step *next;
};

static int ask_until_refused(void) {
  struct step *first = NULL;
  int count = 0;
  errno = 0;
  for (struct step *step; count < MOST && (step = malloc(STEP)) != NULL; count++) {
    step->next = first;
    first = step;
  }
  CHECK(count < MOST);
  CHECK_EQUAL(errno, ENOMEM);
  for (struct step *next; first; first = next) {
    next = first->next;
    free(first);
  }
  return count;
}

int main(void) {
  int once = ask_until_refused(), again = ask_until_refused();
  CHECK(again >= once - once / 8);
  void *small = malloc(100);
  CHECK(small != NULL);
  free(small);
  fprintf(stderr, "%d\n", once);
  puts("done");
  return 0;
}
