/*
 * A library whose constructor calls what LIB_WAITS_CALLS has the address of, under the loader's lock.
 *
 * link: -shared -fPIC
 */
#include <stdlib.h>

__attribute__((constructor)) static void begin(void) {
  const char *address = getenv("LIB_WAITS_CALLS");
  if (address) ((void (*)(void))strtoul(address, NULL, 16))();
}
