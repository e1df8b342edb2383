/*
 * large.h: blocks over 64 KiB: each is a span of its own, of any thread, given back to spans.c by whoever frees it.
 *
 * The span is the least power of two of slots that holds the block, so that on average it can grow by a third where it
 * is; further, if what lies behind it is free. When it has to move, it is copied, and what was copied is given back
 * meanwhile.
 */
#ifndef RATION_HEAP_PAGE_LARGE_H
#define RATION_HEAP_PAGE_LARGE_H

#include "heap/page/region.h"

/* Once. More than the machine has, nobody gets here: whether it is to be had is for the system to say. */
void large_prepare(void);

/* The usable size of a block of so many bytes: whole pages of the system. 0: it would be too large. */
size_t large_usable(size_t bytes);

/* NULL: no memory. */
void *large_take(uint32_t category, size_t bytes, size_t alignment, int is_zeroed);
void large_give(struct heap_page *span);

/* Where it is, larger or smaller. 0: there is no room for it, or no memory. */
int large_has_room(const struct heap_page *span, size_t bytes);
int large_resize(struct heap_page *span, size_t bytes);

/* To a span that has room, or the span gets it. NULL: no memory, and it is as it was. */
void *large_move(struct heap_page *span, size_t bytes);

#endif
