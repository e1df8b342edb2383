/*
 * module.h: which loaded module (executable or library) an address lies in.
 *
 * In-malloc: takes no lock, the loader's least of all: answers come from _dl_find_object (glibc 2.35). On an
 * older glibc no module is ever found.
 */
#ifndef RATION_OS_MODULE_H
#define RATION_OS_MODULE_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct module {
  const void *handle; /* the loader's link_map: the same as long as it is loaded */
  const char *path;   /* "" for the executable */
  const char *soname; /* DT_SONAME, or NULL */
  int is_executable;
  uintptr_t start; /* what it maps: bytes [start, start + bytes) */
  uintptr_t bytes;
  const void *frame_table;    /* PT_GNU_EH_FRAME, what finds its unwind information; NULL: it has none */
  uintptr_t bias;             /* what the loader added to the addresses in its file */
  const ElfW(Dyn) * dynamic;  /* its dynamic section, up to DT_NULL; NULL: none */
  const ElfW(Phdr) * headers; /* its program headers, of modules_visit only; else NULL */
  size_t header_count;
};

/* Was it loaded from a file? The vDSO was not, and its name has no folder; what the loader opens has one. */
int module_has_file(const struct module *module);

/* A stretch that is mapped from the module's file. */
struct module_area {
  uintptr_t start;
  uintptr_t bytes;
  int is_writable;
};

/*
 * Finds the module that holds `address`. The strings live as long as it stays loaded, which it does while its
 * code is running: ask about a return address of the current stack. Returns 0 or -ENOENT: in no module.
 */
int module_find(const void *address, struct module *ret_module);

/*
 * Calls visit for each module that is loaded now, the shim itself and the vDSO among them. At start only, since the
 * loader's lock is held meanwhile: visit may take it again, but waits for no other thread. errno is kept. Returns 0,
 * or -ENOSYS: libc has no dl_iterate_phdr.
 */
int modules_visit(void (*visit)(void *context, const struct module *module), void *context);

/*
 * Where a pointer of the dynamic section leads. glibc adds the load address to these pointers in place; where the
 * section is read-only (the vDSO) it cannot, and they stay offsets. The address is not checked.
 */
uintptr_t module_resolve(const struct module *module, ElfW(Addr) pointer);

/* Bytes [address, address + bytes) lie in what the module maps. */
static inline int module_holds(const struct module *module, uintptr_t address, uintptr_t bytes) {
  return address >= module->start && bytes <= module->bytes &&
         address - module->start <= module->bytes - bytes;
}

/* The module's areas are numbered from 0. Returns 0 or -ENOENT: no further one, or its headers are not mapped. */
int module_area(const struct module *module, unsigned number, struct module_area *ret_area);

/* What of it can be executed, from the first to the last; 0 bytes: its headers are not mapped. */
void module_text(const struct module *module, uintptr_t *ret_start, uintptr_t *ret_bytes);

/*
 * The build-id that its linker gave it (a note of the type NT_GNU_BUILD_ID; System V ABI, "Note Section"). Returns its
 * bytes, at most `room`; 0: it has none, or a longer one.
 */
size_t module_build_id(const struct module *module, unsigned char *ret_build_id, size_t room);

/* Does the address lie in a part of a module that can be executed? Where its headers are not mapped: in any part. */
int module_is_code(uintptr_t address);

/* A handle that is equal for all addresses of one module; NULL: in no module. */
const void *module_handle(const void *address);

/*
 * A number for the module at `address`, which a later one that gets the same handle does not share as long as it
 * differs in place or size; 0: in no module.
 */
uint64_t module_mark(const void *address);

#endif
