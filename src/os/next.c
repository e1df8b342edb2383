/*
 * next.c: looking up the next allocator, once.
 */
#include "os/next.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "base/text.h"
#include "os/memory.h"
#include "os/module.h"
#include "os/symbols.h"

struct next next;

_Static_assert(sizeof next == NEXT_PAGE, "the sealed page holds nothing else");

#define SLACK_MOST ((size_t)1 << 20) /* no allocator rounds a small request up by more */

enum { UNRESOLVED, RESOLVING, RESOLVED };
static uint32_t state = UNRESOLVED;

static void fill(struct next *found);

int next_is_resolved(void) {
  return load_acquire(&state) == RESOLVED; /* pairs with next_resolve */
}

int next_resolve(void) {
  uint32_t expected = UNRESOLVED;
  if (!cas_acq_rel(&state, &expected, RESOLVING)) return -EALREADY; /* pairs with next_resolve */
  struct next found = {0};
  fill(&found);
  if (!found.malloc || !found.free || !found.calloc || !found.realloc) {
    store_release(&state, UNRESOLVED); /* pairs with next_resolve */
    return -ENOENT;
  }
  next = found;
  store_release(&state, RESOLVED); /* pairs with next_is_resolved */
  return 0;
}

static int may_measure(const void *block) {
  /* libc's function reads just before the block; at the start of a page nothing may be there. */
  return next.usable && (next.has_own_usable || (uintptr_t)block % NEXT_PAGE != 0);
}

int next_measure(void *block, size_t requested) {
  if (!may_measure(block)) return -ENOTSUP;
  size_t usable = next.usable(block);
  if (next.has_own_usable && (usable == 0 || usable < requested)) return -EAGAIN;
  if (!next.has_own_usable && (usable < requested || usable - requested > SLACK_MOST)) return -ENOTSUP;
  store_relaxed(&next.has_chunk_sizes,
                next.is_libc && next_chunk_usable(block) == usable); /* see heap_is_libc */
  memory_seal(&next, sizeof next);
  return 0;
}

void *next_find(const char *name) {
  return dlsym(RTLD_NEXT, name);
}

/*
 * By a look-up that succeeds. dlerror() would first word the error, with malloc and then realloc: where the
 * program has only one of the two itself, the other gets a block that it does not know, and aborts.
 */
void next_forget_error(void) {
  next_first("free");
}

static const ElfW(Sym) * symbol_of(const void *function) {
  Dl_info info;
  void *symbol = NULL;
  return dladdr1(function, &info, &symbol, RTLD_DL_SYMENT) ? symbol : NULL;
}

/*
 * An executable that is not position-independent and takes a function's address holds an entry in its own
 * procedure linkage table that stands for it; dlsym finds that, though it is no definition.
 */
static int is_stand_in(const void *function) {
  const ElfW(Sym) *symbol = symbol_of(function);
  return symbol && symbol->st_shndx == SHN_UNDEF;
}

size_t next_function_bytes(const void *function) {
  const ElfW(Sym) *symbol = symbol_of(function);
  return symbol ? symbol->st_size : 0;
}

int next_close(void *handle) {
  static int (*function)(void *); /* libc's: not the shim's, which is for the program's calls */
  int (*found)(void *) = load_relaxed(&function); /* the same for whoever looks */
  if (!found) {
    *(void **)&found = next_find("dlclose");
    store_relaxed(&function, found);
  }
  return found(handle);
}

/* A loaded module's definition, or one of those that it depends on. */
static void *find_from(const char *path, const char *name) {
  void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
  void *found = handle ? dlsym(handle, name) : NULL;
  if (handle) next_close(handle); /* the reference that NOLOAD took; who loaded it holds his own */
  return found;
}

struct sought {
  const char *name;
  uintptr_t start;
};

static void take_if_sought(void *context, const struct symbol *symbol) {
  struct sought *sought = context;
  if (text_is_equal(symbol->name, sought->name)) sought->start = symbol->start;
}

/* Not by dlopen, which would call the module's constructor if the loader has not come to it: the shim's own, for one. */
static void *definition_in(const struct link_map *map, const char *name) {
  struct module module;
  struct sought sought = {.name = name, .start = 0};
  if (module_find(map->l_ld, &module) == 0 && module.handle == map)
    symbols_visit_dynamic(&module, take_if_sought, &sought);
  return (void *)sought.start;
}

/* The list of modules begins with the executable, and goes on in link order. */
void *next_find_after(const void *definition, const char *name) {
  const struct link_map *map = module_handle(definition);
  void *found = NULL;
  while (!found && map && (map = map->l_next)) found = definition_in(map, name);
  return found;
}

void *next_first(const char *name) {
  void *found = dlsym(RTLD_DEFAULT, name);
  return found && is_stand_in(found) ? next_find_after(found, name) : found;
}

void *next_find_in_runtime(const char *name) {
  static const char *const runtimes[] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
  for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++) {
    void *handle = dlopen(runtimes[i], RTLD_LAZY | RTLD_NOLOAD);
    void *found = handle ? dlsym(handle, name) : NULL;
    if (found) return found; /* the reference is kept: what was found must stay */
    if (handle) next_close(handle);
  }
  return NULL;
}

void *next_find_in_module(const void *address, const char *name) {
  struct module module;
  if (module_find(address, &module) < 0 || module.is_executable) return NULL;
  void *found = find_from(module.path, name);
  return found && module_handle(found) == module.handle ? found : NULL;
}

/* The function, if it comes from the library of `malloc`; without a family, whoever's it is. */
static void *from_family(const void *family, const char *name) {
  void *found = next_find(name);
  return found && (!family || module_handle(found) == family) ? found : NULL;
}

static const char *library_of(const void *function) {
  struct module module;
  if (module_find(function, &module) < 0) return "unknown";
  return module.soname ? module.soname : text_file_name(module.path);
}

/* ISO C has no conversion from void * to a function pointer; POSIX asks for it (dlsym, "Application Usage").
 */
#define FUNCTION(target, pointer) (*(void **)(&(target)) = (pointer))

static void fill_aligned(struct next_aligned *found, const void *family) {
  FUNCTION(found->memalign, from_family(family, "memalign"));
  FUNCTION(found->aligned_alloc, from_family(family, "aligned_alloc"));
  FUNCTION(found->posix_memalign, from_family(family, "posix_memalign"));
  FUNCTION(found->valloc, from_family(family, "valloc"));
  FUNCTION(found->pvalloc, from_family(family, "pvalloc"));
}

static void fill(struct next *found) {
  void *own_malloc = next_find("malloc");
  if (!own_malloc) return;
  const void *family = module_handle(own_malloc);
  found->is_libc = family && family == module_handle((const void *)(uintptr_t)gnu_get_libc_version);
  FUNCTION(found->malloc, own_malloc);
  FUNCTION(found->free, next_find("free"));
  FUNCTION(found->calloc, next_find("calloc"));
  FUNCTION(found->realloc, next_find("realloc"));
  FUNCTION(found->usable, next_find("malloc_usable_size"));
  fill_aligned(&found->own, family);
  fill_aligned(&found->any, NULL);
  FUNCTION(found->free_sized, from_family(family, "free_sized"));
  FUNCTION(found->free_aligned_sized, from_family(family, "free_aligned_sized"));
  FUNCTION(found->reallocarray, found->is_libc ? NULL : from_family(family, "reallocarray"));
  FUNCTION(found->trim, from_family(family, "malloc_trim"));
  FUNCTION(found->good_size, from_family(family, "mi_good_size"));
  found->is_mimalloc = found->good_size != NULL;
  if (!found->good_size) FUNCTION(found->good_size, from_family(family, "nallocx"));
  found->has_own_usable = from_family(family, "malloc_usable_size") != NULL;
  found->library = library_of(own_malloc);
}
