/*
 * module.h: which loaded module (executable or library) an address lies in.
 *
 * In-malloc: takes no lock, the loader's least of all: answers come from _dl_find_object (glibc 2.35). On an
 * older glibc no module is ever found.
 */
#ifndef RATION_OS_MODULE_H
#define RATION_OS_MODULE_H

#include <stddef.h>
#include <stdint.h>

struct module {
  const void *handle; /* the loader's link_map: the same as long as it is loaded */
  const char *path;   /* "" for the executable */
  const char *soname; /* DT_SONAME, or NULL */
  int is_executable;
  uintptr_t start; /* what it maps: bytes [start, start + bytes) */
  uintptr_t bytes;
};

/*
 * Finds the module that holds `address`. The strings live as long as it stays loaded, which it does while its
 * code is running: ask about a return address of the current stack. Returns 0 or -ENOENT: in no module.
 */
int module_find(const void *address, struct module *ret_module);

/* A handle that is equal for all addresses of one module; NULL: in no module. */
const void *module_handle(const void *address);

/*
 * A number for the module at `address`, which a later one that gets the same handle does not share as long as it
 * differs in place or size; 0: in no module.
 */
uint64_t module_mark(const void *address);

#endif
