/*
 * fetch.h: a cache line, asked for before it is needed. Any address will do: what is not mapped is not fetched.
 *
 * Not the builtin alone: gcc 12 takes a function that does nothing but prefetch for one without effect, and leaves out its
 * calls. The empty statement is an effect.
 */
#ifndef CREATURES_CREATURE_FETCH_H
#define CREATURES_CREATURE_FETCH_H

#include <stddef.h>

#define FETCH_LINE 64u /* bytes */

static inline void fetch(const void *address) {
  __builtin_prefetch(address);
  __asm__ volatile("");
}

/* For the one who writes to it. */
static inline void fetch_to_write(const void *address) {
  __builtin_prefetch(address, 1);
  __asm__ volatile("");
}

/* All lines of an object that begins at one. NULL: nothing. */
static inline void fetch_object(const void *object, size_t size) {
  for (size_t at = 0; object && at < size; at += FETCH_LINE) fetch((const char *)object + at);
}

#endif
