/*
 * scopes.c: 200 blocks of 1,000 bytes in world/terrain, of which 50 are freed outside; 10 in world/water
 * inside that scope, of which one grows there to 2,000 while another scope is open; 1 block outside.
 */
#include <ration/tag.h>
#include <stdlib.h>

int main(void) {
  static void *terrain[200], *water[10], *outside;
  RATION_SCOPE("world/terrain") {
    for (int i = 0; i < 200; i++) terrain[i] = malloc(1000);
    RATION_SCOPE("world/water") {
      for (int i = 0; i < 10; i++) water[i] = malloc(1000);
    }
    water[0] = realloc(water[0], 2000);
  }
  for (int i = 0; i < 50; i++) free(terrain[i]);
  outside = malloc(5000);
  return outside ? 0 : 1;
}
