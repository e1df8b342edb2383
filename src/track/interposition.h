/*
 * interposition.h: do the program's calls of malloc and free reach the shim, and should they be counted?
 */
#ifndef RATION_TRACK_INTERPOSITION_H
#define RATION_TRACK_INTERPOSITION_H

#include <stdint.h>

/* Why not: one of RATION_PASSIVE_*; 0: they do. Asks the loader: at start only. */
uint32_t interposition_fault(void);

#endif
