/*
 * iconv loads converters, and unloads them when others have come and gone, without a call of dlclose that could be
 * interposed; the loader's memory for the converter then serves for the next library. Arguments: libraries whose names
 * are as long as the converter's. Expected: their blocks are charged to their own names, not to the converter's.
 */
#include <iconv.h>
#include <link.h>

#include "victim.h"

static int is_loaded(const char *end) {
  struct link_map *map = dlopen(NULL, RTLD_NOW);
  for (; map; map = map->l_next) {
    size_t length = strlen(map->l_name);
    if (length >= strlen(end) && !strcmp(map->l_name + length - strlen(end), end)) return 1;
  }
  return 0;
}

static void convert(const char *encoding) {
  iconv_t converter = iconv_open(encoding, "UTF-8");
  if (converter != (iconv_t)-1) iconv_close(converter);
}

static void load(const char *path) {
  char category[128];
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
  void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "library_allocate");
  snprintf(category, sizeof category, "lib/%s", strrchr(path, '/') + 1);
  for (int i = 0; i < 10; i++) {
    void *block = allocate(100);
    if (is_tracked() && strcmp(category_of(block), category) != 0)
      dprintf(1, "%s: charged to %s\n", path, category_of(block));
    free(block);
  }
}

int main(int argc, char **argv) {
  convert("UTF-16");
  CHECK(is_loaded("/UTF-16.so"));
  for (int i = 0; i < 6; i++) convert("UTF-7");
  CHECK(!is_loaded("/UTF-16.so"));
  for (int i = 1; i < argc; i++) load(argv[i]);
  puts("done");
  return 0;
}
