/*
 * kept_and_freed.c: 1,000 blocks of 100 bytes; 500 are freed, 10 of the rest grow to 1,000 bytes.
 */
#include <stdlib.h>

int main(void) {
  static void *blocks[1000];
  for (int i = 0; i < 1000; i++) blocks[i] = malloc(100);
  for (int i = 0; i < 500; i++) free(blocks[i]);
  for (int i = 500; i < 510; i++) blocks[i] = realloc(blocks[i], 1000);
  return blocks[999] ? 0 : 1;
}
