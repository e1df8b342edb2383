/*
 * Opens a library and looks up a function, behind a preload that counts such calls. Expected: it has counted them, with the
 * shim in front of it as without.
 */
#include "victim.h"

int main(void) {
  int (*counted)(int) = (int (*)(int))dlsym(RTLD_DEFAULT, "counted_calls");
  CHECK(counted != NULL);
  int opened = counted(0), looked_up = counted(1);
  void *library = dlopen("libm.so.6", RTLD_NOW);
  CHECK(library && dlsym(library, "cos"));
  printf("%d dlopen, %d dlsym\n", counted(0) - opened, counted(1) - looked_up);
  return 0;
}
