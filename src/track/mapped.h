/*
 * mapped.h: the program's own anonymous mappings, counted into the accounts (mmap=1).
 *
 * A mapping belongs to the category that a block would, asked for by the same caller; the next allocator's own are told
 * by their caller, and not counted. Whole pages count, resident or not, from mmap until munmap, or until something else
 * is mapped in their place; a stretch that moves or grows by mremap keeps its category. Not seen: what libc maps for
 * itself (stacks, its own malloc), brk, the raw system calls, mappings of files.
 *
 * The table has a turn (os/turn.h), which is held for no system call but those that make room in the table. A stretch
 * leaves the table before the kernel is asked to unmap it, since another thread may be given the same addresses at
 * once; where the kernel refuses, it is put back. What finds no room, or no turn, is counted as lost.
 */
#ifndef RATION_TRACK_MAPPED_H
#define RATION_TRACK_MAPPED_H

/* At the start of an image: settles where calls of mmap and its family go. Takes the loader's lock. */
void mapped_start(int is_counted);

/* Round fork(2), in the parent and in the child: the forking thread has the turn, so that the child's table is whole. */
void mapped_before_fork(void);
void mapped_after_fork(void);

/* A forked child opens its books. After a raw clone, where no handler ran, the table may be half changed: then it goes. */
void mapped_adopt_child(void);

#endif
