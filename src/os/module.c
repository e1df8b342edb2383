/*
 * module.c: _dl_find_object and the dynamic section that it leads to.
 */
#include "os/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>

#include "base/hash.h"

/* Weak, so that the shim still loads on a glibc that lacks it. */
extern __typeof(_dl_find_object) _dl_find_object __attribute__((weak));

static int find(const void *address, struct dl_find_object *ret_found) {
  return _dl_find_object && _dl_find_object((void *)(uintptr_t)address, ret_found) == 0 ? 0 : -ENOENT;
}

/*
 * glibc adds the load address to the pointers of the dynamic section in place; where the section is read-only
 * (the vDSO) it cannot, and they stay offsets.
 */
static const char *at_pointer(const struct link_map *map, ElfW(Addr) pointer) {
  return (const char *)(pointer < map->l_addr ? pointer + map->l_addr : pointer);
}

static const char *soname_of(const struct link_map *map) {
  const char *strings = NULL;
  const ElfW(Dyn) *soname = NULL;
  for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_STRTAB) strings = at_pointer(map, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SONAME) soname = entry;
  }
  return strings && soname ? strings + soname->d_un.d_val : NULL;
}

int module_find(const void *address, struct module *ret_module) {
  struct dl_find_object found;
  if (find(address, &found) < 0) return -ENOENT;
  const struct link_map *map = found.dlfo_link_map;
  *ret_module = (struct module){
      .handle = map,
      .path = map->l_name ? map->l_name : "",
      .soname = soname_of(map),
      /* the first of its list, and no name: the loader's own convention for the executable (link.h) */
      .is_executable = !map->l_prev && (!map->l_name || !map->l_name[0]),
      .start = (uintptr_t)found.dlfo_map_start,
      .bytes = (uintptr_t)found.dlfo_map_end - (uintptr_t)found.dlfo_map_start,
  };
  return 0;
}

const void *module_handle(const void *address) {
  struct dl_find_object found;
  return find(address, &found) == 0 ? found.dlfo_link_map : NULL;
}

uint64_t module_mark(const void *address) {
  struct dl_find_object found;
  if (find(address, &found) < 0) return 0;
  uint64_t mark = hash_word((uint64_t)(uintptr_t)found.dlfo_link_map);
  mark = hash_word(mark ^ (uint64_t)(uintptr_t)found.dlfo_map_start);
  mark = hash_word(mark ^ (uint64_t)(uintptr_t)found.dlfo_map_end);
  return mark ? mark : 1;
}
