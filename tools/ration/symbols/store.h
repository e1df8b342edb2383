/*
 * store.h: memory that is given out piece by piece, and taken back all at once: names and frames.
 */
#ifndef RATION_TOOL_SYMBOLS_STORE_H
#define RATION_TOOL_SYMBOLS_STORE_H

#include <stddef.h>

struct store_chunk;

/* All zero: an empty one. */
struct store {
  struct store_chunk *chunks;
};

/* Aligned for any object. NULL: no memory. */
void *store_take(struct store *store, size_t bytes);

/* A copy of these bytes, as a string. NULL: no memory. */
const char *store_text(struct store *store, const char *bytes, size_t count);

void store_free(struct store *store);

#endif
