/*
 * misuse.h: what the program does wrong with blocks of the page heap (heap/page/misuse.h), told to whoever reads the
 * segment: counted, and an event with the stack of who is there when it is noticed.
 */
#ifndef RATION_TRACK_MISUSE_H
#define RATION_TRACK_MISUSE_H

#include "heap/page/misuse.h"

/* In-malloc; errno is kept. */
void misuse_note(enum misuse misuse, const struct heap_page *page, const void *address);

#endif
