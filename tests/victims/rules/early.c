/*
 * What a library of the program's allocates in its constructor. Arguments: the categories that its own block, strdup's,
 * its wrapper's and its static function's are to have. Expected: rules and wrappers hold for them as for all others.
 */
#include "victim.h"

#define BLOCKS 4
extern void *early_blocks[BLOCKS];

int main(int argc, char **argv) {
  CHECK_EQUAL(argc, BLOCKS + 1);
  for (int i = 0; i < BLOCKS; i++) {
    const char *category = category_of(early_blocks[i]), *expected = argv[i + 1];
    if (is_tracked() && strcmp(category, expected)) printf("block %d is %s, not %s\n", i, category, expected);
    free(early_blocks[i]);
  }
  return 0;
}
