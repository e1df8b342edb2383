/*
 * memory.h: pages from the kernel, for the shim's own tables. Never from the heap that it tracks. Private ones are
 * noted as the shim's (range.h); a file's are known by its name.
 *
 * In-malloc: no allocation, no lock. Sizes and addresses are whole pages.
 */
#ifndef RATION_OS_MEMORY_H
#define RATION_OS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a page of this machine. */
size_t memory_page_bytes(void);

/* Zeroed private pages, which cost memory only once they are written. NULL: none to be had. */
void *memory_map(size_t bytes);

/* The same, readable only, so that strict overcommit does not count them; memory_open makes parts writable.
 */
void *memory_reserve(size_t bytes);

/* The same, but not even readable, so that nothing is made present where all memory is locked. */
void *memory_reserve_closed(size_t bytes);
int memory_open(void *address, size_t bytes);

/* Not to be touched until memory_open; costs nothing meanwhile, even where all memory is locked. */
void memory_close(void *address, size_t bytes);

/* The same, and what these pages of memory_reserve_closed hold goes back to the system: nothing counts them as the process's
   any more, and they are zero when they are opened again. Returns 0 or -errno: -EAGAIN, where all memory is locked. */
int memory_close_again(void *address, size_t bytes);

/* From now on read-only. */
void memory_seal(void *address, size_t bytes);

void memory_unmap(void *address, size_t bytes);

/* What these pages hold goes back to the system; they are zero when they are read again. Returns 0 or -errno: -EINVAL if
   they are locked in memory. */
int memory_empty(void *address, size_t bytes);

/* Moves and grows a mapping; NULL: could not, and the old one stands. */
void *memory_grow(void *address, size_t bytes, size_t new_bytes);

/* Pages of a file; MAP_SHARED. NULL: could not. */
void *memory_map_file(int descriptor, size_t bytes);

/* The same, but what is written stays here; MAP_PRIVATE. */
void *memory_map_copy(int descriptor, size_t bytes);

/* To the place of what is at `address`. Returns 0 or -errno. */
int memory_move(void *from, size_t bytes, void *address);

/* Puts a private copy in the place of these pages. Returns 0 or -errno. */
int memory_take_copy(void *address, size_t bytes);

/* A child of any kind of fork finds these pages zeroed (Linux 4.14). Returns 0, or -errno on older kernels.
 */
int memory_wipe_on_fork(void *address, size_t bytes);

/* Sparse tables: a huge page would make 2 MiB resident for one byte. */
void memory_keep_small(void *address, size_t bytes);

/* Takes that back. Of use where the kernel gives huge pages to whoever has not said no: see the other. */
void memory_allow_huge(void *address, size_t bytes);
int memory_may_be_huge(void);

/*
 * Makes pages of a shared file present, so that no later store can raise SIGBUS for want of room (Linux 5.14:
 * MADV_POPULATE_WRITE). Returns 0, -EFAULT or -ENOMEM where the file system is full, -EINVAL on older
 * kernels.
 */
int memory_make_present(void *address, size_t bytes);

/* The kernel can do that: else a file must be allocated whole, and had better be small. */
int memory_may_make_present(void);

/*
 * The soft limit of what the process may map, the lesser of RLIMIT_AS and RLIMIT_DATA (which since Linux 4.7
 * counts all private pages that can be written), and that of a file's size (RLIMIT_FSIZE). UINT64_MAX: none.
 */
uint64_t memory_map_limit(void);
uint64_t memory_file_limit(void);

#endif
