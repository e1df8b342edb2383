/*
 * A preload that stands in front of the loader, as overlays of games do: counts calls of dlopen and dlsym, and hands them on.
 *
 * link: -shared -fPIC
 */
#include <dlfcn.h>
#include <stddef.h>

static int calls[2];

int counted_calls(int which);
int counted_calls(int which) {
  return calls[which];
}

static void *next(const char *name) {
  static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
  void *found = NULL;
  for (int i = 0; i < 3 && !found; i++) found = dlvsym(RTLD_NEXT, name, versions[i]);
  return found;
}

void *dlopen(const char *file, int flags) {
  calls[0]++;
  return ((void *(*)(const char *, int))next("dlopen"))(file, flags);
}

void *dlsym(void *restrict handle, const char *restrict name) {
  calls[1]++;
  return ((void *(*)(void *, const char *))next("dlsym"))(handle, name);
}
