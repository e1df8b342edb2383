/*
 * exec starts another program under the same pid and start time. Expected: each image has a segment of its
 * own, the ones before are marked as replaced, or removed where nobody will read them.
 */
#include "victim.h"

int main(int argc, char **argv) {
  char left[16];
  int images = argc > 1 ? atoi(argv[1]) : 4;
  enter("image");
  if (!malloc(100)) return 1;
  leave();
  check_books("image", 1, 0);
  if (images == 1) return puts("done") < 0;
  snprintf(left, sizeof left, "%d", images - 1);
  execl("/proc/self/exe", argv[0], left, (char *)NULL);
  return 1;
}
