/*
 * faults.h: what the program does wrong with blocks of the page heap, which the heap has noticed and left alone.
 */
#ifndef RATION_TRACK_FAULTS_H
#define RATION_TRACK_FAULTS_H

#include "heap/page/page_heap.h"

/* The calling thread has given this back, or resized it: it is not a block, or no longer one. In-malloc; errno is kept. */
void faults_note(enum page_heap_fault fault, const void *address);

#endif
