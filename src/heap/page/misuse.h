/*
 * misuse.h: what a program does wrong with its blocks, as far as the page heap notices it. What is noticed is left alone,
 * and does no further harm.
 *
 *   always        a block given back twice, or before it was ever handed out; an address at which none begins; a link of a
 *                 free block that was written over, when it would be used
 *   harden        an overrun, by the canary behind each block; any write to a block after it was given back (harden.h)
 */
#ifndef RATION_HEAP_PAGE_MISUSE_H
#define RATION_HEAP_PAGE_MISUSE_H

#include "base/compiler.h"

struct heap_page;

enum misuse {
  MISUSE_NONE,
  MISUSE_DOUBLE_FREE, /* the block has been given back before */
  MISUSE_WILD_FREE,   /* no block begins there */
  MISUSE_LATE_WRITE,  /* the block was written to after it had been given back */
  MISUSE_OVERRUN,     /* it was written to behind its end */
  MISUSES
};

/* Is called with each that the heap finds by itself, in-malloc, of a page whose state is whole; the block may be another
   than the one that is taken or given just now. At first it does nothing. */
typedef void misuse_noticer(enum misuse misuse, const struct heap_page *page, const void *block);
extern misuse_noticer *misuse_notice INTERNAL;

#endif
