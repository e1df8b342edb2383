/*
 * memory.h: where the toolkit gets its memory from. A `struct ration_memory` is one allocator, of whichever kind, as a
 * value that a program can pass around: the process's heap (system.h), an arena, a stack, a pool, a wrapper round
 * any of these. Whatever in the toolkit needs memory takes a pointer to one, and NULL stands for
 * ration_memory_system().
 *
 * What holds for all of librationkit, and is not said again in each header:
 *
 * - Sizes are bytes, counts are objects. Alignments are powers of two, from 1 to RATION_ALIGNMENT_MOST.
 * - A function that can fail returns 0 or a negative errno; one that yields a pointer returns NULL and sets errno to
 *   that number's positive. What it was to yield, and what it works on, is as before the call.
 *
 *       EINVAL     an argument outside its range: a capacity of 0, an alignment that is no power of two, NULL
 *       EOVERFLOW  count x size is more than RATION_BYTES_MOST; nothing was asked for
 *       ENOMEM     the memory below has no more
 *       ENOSPC     a maximum of the thing itself is reached
 *       EFAULT     foreign: the address was never given out by this thing
 *       EALREADY   given back already
 *       ESTALE     an id or reference of an earlier generation
 *       ENOENT     there is nothing of that id, key or index
 *       EBUSY      out of order: something newer is still in place
 *       EBADMSG    stored bytes are corrupt
 *
 * - `xxx_init(&x, ...)` makes a usable thing of any bytes; `xxx_done(&x)` gives back all that it holds, and may be
 *   called on one that is all zero, and twice. Members that a header calls private are read and written by the
 *   toolkit alone. A thing must not be moved in memory while it is in use, unless its header says that it may.
 * - A struct of settings that is all zero means the defaults.
 * - From one thread at a time, unless a header says otherwise; different things from different threads at once. Not
 *   from signal handlers.
 * - Nothing is printed, nothing aborts, and a call that succeeds leaves errno alone.
 */
#ifndef RATION_KIT_MEMORY_H
#define RATION_KIT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_BYTES_MOST     ((size_t)PTRDIFF_MAX)
#define RATION_ALIGNMENT_MOST ((size_t)1 << 30)

struct ration_memory;

/*
 * A kind of memory. Its functions are called with arguments that have been checked: 0 < size <= RATION_BYTES_MOST,
 * a valid alignment, a block that is not NULL. Pass a block's own size and alignment back: that spares each kind a
 * header for every block.
 */
struct ration_memory_type {
  const char *name; /* static; for reports: "system", "arena" */

  /* size bytes, with any contents; NULL and errno ENOMEM or ENOSPC. */
  void *(*allocate)(struct ration_memory *memory, size_t size, size_t alignment);

  /* The block with new_size bytes, moved or not, its first bytes kept; NULL and errno: it is as it was. A type may
     leave this NULL: then a new block is allocated, the bytes are copied, and the old one is released. */
  void *(*reallocate)(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                      size_t alignment);

  /* Takes the block back: 0, or -EFAULT, -EALREADY, -EBUSY where the kind can tell. Kinds that give all back at once
     (an arena) return 0, and the bytes come back with the rest. */
  int (*release)(struct ration_memory *memory, void *block, size_t size, size_t alignment);
};

/* Embedded, first, in whatever is one. `type` is read only. */
struct ration_memory {
  const struct ration_memory_type *type;
};

/* O(what the kind says). Thread-safe where the kind says so. memory NULL: the system's. */

/* EINVAL: size is 0, the alignment invalid, or memory all zero: not made, or done with; EOVERFLOW: size is over
   RATION_BYTES_MOST; ENOMEM, ENOSPC. */
void *ration_memory_allocate(struct ration_memory *memory, size_t size, size_t alignment);

/* count objects of size bytes each, one after another; EOVERFLOW where that is too much. */
void *ration_memory_allocate_array(struct ration_memory *memory, size_t count, size_t size, size_t alignment);

/* block NULL with size 0: as allocate. Fails as allocate does, and then the block is untouched. */
void *ration_memory_reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                               size_t alignment);

/* size and alignment as they were asked for. NULL is nothing, 0. -EINVAL as allocate. */
int ration_memory_release(struct ration_memory *memory, void *block, size_t size, size_t alignment);

/* The process's heap: malloc and free, and nothing besides. Thread-safe. Static; never done with. */
struct ration_memory *ration_memory_system(void);

/* 0, or -EINVAL or -EOVERFLOW: what every allocation checks. For those who write a kind of their own. */
int ration_memory_check(size_t size, size_t alignment);

#ifdef __cplusplus
}
#endif
#endif
