/*
 * next.h: the next allocator in link order, which the system heap stands on.
 *
 * Found by dlsym(RTLD_NEXT), never by libc's private names, so that the shim stacks on jemalloc, tcmalloc and
 * mimalloc. All functions of a family come from one library: a function that the library of the next malloc
 * lacks is made from those that it has, since libc's would hand out blocks that this malloc's free cannot
 * take.
 */
#ifndef RATION_OS_NEXT_H
#define RATION_OS_NEXT_H

#include <stddef.h>

#define NEXT_PAGE 4096 /* a page of its own, where pages are that small; else it stays writable */

struct next_aligned {
  void *(*memalign)(size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void **, size_t, size_t);
  void *(*valloc)(size_t);
  void *(*pvalloc)(size_t);
};

struct next {
  void *(*malloc)(size_t);
  void (*free)(void *);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  size_t (*usable)(void *); /* malloc_usable_size; libc's where the family has none */
  struct next_aligned own;  /* of the family; NULL where it has none */
  struct next_aligned any;  /* whoever's comes next */
  /* NULL where the family has none: */
  void *(*reallocarray)(void *, size_t, size_t); /* NULL for libc too: its own calls realloc by name */
  int (*trim)(size_t);                           /* malloc_trim(3) */
  void (*free_sized)(void *, size_t);
  void (*free_aligned_sized)(void *, size_t, size_t);
  size_t (*good_size)(size_t,
                      int); /* nallocx(3), or mi_good_size, which takes no flags: a block's usable bytes */
  int is_mimalloc;          /* it is the latter */
  int is_libc;         /* malloc is the C library's own: blocks at multiples of 16, sizes in chunk headers */
  int has_own_usable;  /* malloc_usable_size comes from the library of malloc */
  int has_chunk_sizes; /* next_chunk_usable() may be used for its usable() */
  const char *library; /* its file name or soname */
} __attribute__((aligned(NEXT_PAGE)));

/* Filled by next_resolve and next_measure, then sealed: no stray store of the program can turn malloc
 * elsewhere. */
extern struct next next __attribute__((visibility("hidden")));

/*
 * Finds the next allocator. The loader's lock is taken, and libc may allocate: callers route what comes back
 * into the shim to the bootstrap pool meanwhile. Returns 0, -ENOENT: no malloc below, or -EALREADY: another
 * thread is at it, or it is done.
 */
int next_resolve(void);

/*
 * Looks at a block that the next allocator gave for `requested` bytes: do its sizes make sense? Settles
 * has_chunk_sizes and seals `next`. Returns 0; -ENOTSUP: the allocator below has no malloc_usable_size,
 * and libc's does not fit its blocks; or -EAGAIN: it has one that cannot tell yet (tcmalloc's says 0 until its library has
 * been initialised).
 */
int next_measure(void *block, size_t requested);

/*
 * The usable size of a block of glibc's. Its malloc_usable_size is a dozen instructions that read the chunk's
 * size field, eight bytes before the block; here they are five. next_measure sees to it that both agree.
 *   field  = chunk size | 1: previous chunk in use | 2: mapped by mmap | 4: not of the main arena
 *   usable = chunk size - 8, or - 16 for a mapped chunk      (glibc, malloc/malloc.c: musable)
 */
static inline size_t next_chunk_field(const void *block) {
  return ((const size_t *)block)[-1];
}

static inline int next_chunk_is_mapped(const void *block) {
  return (next_chunk_field(block) & 2) != 0;
}

/* Of a chunk that is not mapped. */
static inline size_t next_chunk_plain_usable(const void *block) {
  return (next_chunk_field(block) & ~(size_t)7) - 8;
}

static inline size_t next_chunk_usable(const void *block) {
  return next_chunk_plain_usable(block) - (next_chunk_is_mapped(block) ? 8 : 0);
}

/* next_resolve has returned 0. */
int next_is_resolved(void);

/*
 * Look-ups: each takes the loader's lock, and a failed one sets what dlerror() says; NULL: there is none.
 *   next_find             the next definition in link order
 *   next_find_after       the next one in link order behind that definition; calls no constructor, as dlopen may
 *   next_find_in_runtime  in a C++ runtime that a dlopen brought into no global scope; it stays loaded from then on
 *   next_find_in_module   in the very module that `address` lies in: good as long as that is loaded
 */
void *next_find(const char *name);
void *next_find_after(const void *definition, const char *name);
void *next_find_in_runtime(const char *name);
void *next_find_in_module(const void *address, const char *name);

/* How many bytes a function has, by its symbol; 0: not to be known. Takes the loader's lock. */
size_t next_function_bytes(const void *function);

/* dlclose, past the shim's own. */
int next_close(void *handle);

/* What dlerror() would say after a failed look-up here is not the program's business. */
void next_forget_error(void);

/* What the whole program calls by this name: the first definition in link order, of an IFUNC its resolver; NULL: none. */
void *next_first(const char *name);

#endif
