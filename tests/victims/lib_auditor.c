/*
 * An auditor of the loader (LD_AUDIT), which asks to be told of every binding: it lives in a namespace of its own, and has the
 * loader call it for each symbol, also while the shim looks up what lies below it.
 *
 * link: -shared -fPIC
 */
#include <link.h>
#include <stdlib.h>

unsigned la_version(unsigned version) {
  return version;
}

unsigned la_objopen(struct link_map *map, Lmid_t id, uintptr_t *cookie) {
  (void)map, (void)id, (void)cookie;
  free(malloc(100));
  return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
                       const char *name) {
  (void)index, (void)from, (void)to, (void)flags, (void)name;
  free(malloc(100));
  return symbol->st_value;
}
