/*
 * A library, for LD_PRELOAD before or after the shim, that allocates in its constructor and its destructor,
 * with every entry point that a library may use so early.
 *
 * link: -shared -fPIC
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void *kept[6];

__attribute__((constructor)) static void begin(void) {
  kept[0] = malloc(100);
  kept[1] = calloc(10, 10);
  kept[2] = realloc(malloc(10), 1000);
  kept[3] = memalign(256, 100);
  if (posix_memalign(&kept[4], 64, 100)) abort();
  kept[5] = strdup("a string");
  for (int i = 0; i < 100; i++)
    if (((char *)kept[1])[i]) abort();
}

__attribute__((destructor)) static void end(void) {
  for (int i = 0; i < 6; i++) free(kept[i]);
  free(malloc(100));
}
