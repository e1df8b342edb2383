/*
 * Loads a library by the path that it is given, goes to another folder, and lets the library allocate.
 *
 *   plugged PATH FOLDER
 *
 * link: -ldl
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  void *library = dlopen(argv[1], RTLD_NOW);
  void *(*take)(size_t);
  *(void **)&take = library ? dlsym(library, "plugged_take") : NULL;
  if (!take) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  if (chdir(argv[2]) != 0) return 1;
  for (volatile int i = 0; i < 10; i++)
    if (!take(5000)) return 1;
  return 0;
}
