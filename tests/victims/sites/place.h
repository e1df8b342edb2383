/*
 * place.h: functions that stay what they are: neither inlined, nor copied, nor known to their callers.
 */
#ifndef PLACE_H
#define PLACE_H

#ifdef __clang__
#define PLACE __attribute__((noinline))
#else
#define PLACE __attribute__((noipa))
#endif

/* No tail call is made by a function that ends with this. */
#define STAYS __asm__ volatile("" ::: "memory")

/* All of a function's callers, inlined. */
#define INLINED __attribute__((always_inline)) static inline

/* A loop that stays one: all that it calls, it calls from one place. */
#define TIMES(number) for (volatile int times = (number); times > 0; times = times - 1)

#endif
