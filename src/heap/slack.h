/*
 * slack.h: how many usable bytes a block may come out with, before the heap is asked: what a realloc is to be charged
 * ahead where a budget may refuse, since afterwards the old block is gone.
 *
 *   glibc      the chunk's size, up to a multiple of 16; a remainder too small to stand alone stays with it; mapped
 *              ones (from M_MMAP_THRESHOLD on, which the program may set) whole pages (malloc/malloc.c:
 *              checked_request2size, exhaust, sysmalloc, mremap_chunk)
 *   jemalloc, tcmalloc   nallocx(3), of a quarter more than the old block where that is more: tcmalloc grows ahead
 *   mimalloc   mi_good_size; for large ones whole slices, spans of them and huge pages (2.0: 64 KiB to 4 MiB)
 *   others     exact, if every block so far was; else not to be foretold
 */
#ifndef RATION_HEAP_SLACK_H
#define RATION_HEAP_SLACK_H

#include <stdint.h>

/* Blocks have just the bytes that were asked for, every one so far. */
int slack_is_none(void);

/* The most usable bytes of a block of `old_usable` bytes that is resized to `requested`, which is more; 0: unknown. */
uint64_t slack_bound(uint64_t old_usable, uint64_t requested);

/* The heap has given a block. Any thread, at any time. */
void slack_note(uint64_t requested, uint64_t usable);

#endif
