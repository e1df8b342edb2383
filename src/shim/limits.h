/*
 * limits.h: what the interposed functions of limits.c need from the start on.
 */
#ifndef RATION_SHIM_LIMITS_H
#define RATION_SHIM_LIMITS_H

void limits_find(void);

#endif
