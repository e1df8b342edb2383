/*
 * machine.h: where a recording is made, and whether it is here.
 */
#ifndef RATION_TOOL_RECORDING_MACHINE_H
#define RATION_TOOL_RECORDING_MACHINE_H

#include <stdint.h>

/* A hash of this boot of this machine. 0: it cannot be told. */
uint64_t machine_boot(void);

#endif
