/*
 * unsized.h: symbols of size 0, which reach to the next symbol. Collected first, then shown the start of every other
 * symbol, in any order. In pages of its own.
 */
#ifndef RATION_OS_UNSIZED_H
#define RATION_OS_UNSIZED_H

#include <stddef.h>
#include <stdint.h>

struct unsized_symbol {
  uintptr_t start;
  uintptr_t end; /* of what it may reach into, at first; then at most the next symbol's start */
  uint32_t name; /* where its name lies in the string table */
};

struct unsized {
  struct unsized_symbol *symbols;
  size_t count;
  size_t mapped_bytes;
};

/* Takes a symbol in. Returns 0 or -ENOMEM. */
int unsized_add(struct unsized *unsized, uintptr_t start, uintptr_t end, uint32_t name);

/* After the last was added, and before the first meeting. */
void unsized_sort(struct unsized *unsized);

/* A symbol starts here, one of these or another: who lies before it ends there at the latest. */
void unsized_meet(struct unsized *unsized, uintptr_t start);

/* After the last meeting: symbols of one start get one end. */
void unsized_settle(struct unsized *unsized);

void unsized_free(struct unsized *unsized);

#endif
