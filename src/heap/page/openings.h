/*
 * openings.h: which slots of the region are open: may be written, and so count as memory of the process, where something
 * counts it (strict overcommit, RLIMIT_DATA, RLIMIT_MEMLOCK). The others are address space alone, and zero once opened.
 *
 * A bit for each slot. The system's page before an open slot is open, too, so that what lies before a block can be read: a
 * sample of the page heap may be looked at as if it were a chunk of libc's (next.h), and is then found to be none.
 *
 * A run is open slots side by side: about as many of them as there are are mappings of the process, whose number is bounded.
 *
 * Under the lock of the spans, all of it.
 */
#ifndef RATION_HEAP_PAGE_OPENINGS_H
#define RATION_HEAP_PAGE_OPENINGS_H

#include <stddef.h>
#include <stdint.h>

/* Once, for a region of so many slots. The table is to lie in closed pages, of OPENINGS_BYTES. */
#define OPENINGS_BYTES(slots)                                                                                \
  ((size_t)(slots) / 8 + 1) /* behind the last slot there is one that is never open */
void openings_prepare(void *table);

/* Opens what is closed of them. Returns 0; -ENOMEM: the system has no more for the process; some may be open all the same. */
int openings_add(uint32_t slot, uint32_t count);

/* Closes what is open of them, and what they held goes back. Returns 0 or -errno: they are locked in memory, or there are too
   many mappings; some may be closed all the same. */
int openings_remove(uint32_t slot, uint32_t count);

/* Are all of them open? */
int openings_has(uint32_t slot, uint32_t count);

struct opening_figures {
  uint32_t open; /* slots */
  uint32_t runs;
};
struct opening_figures openings_figures(void);

#endif
