/*
 * ledger.h: what everything.c holds, in a file that outlives it; killed.py reads it, too, and has the same numbers.
 */
#ifndef RATION_TESTS_CRASH_LEDGER_H
#define RATION_TESTS_CRASH_LEDGER_H

#include <stdint.h>

#define LEDGER_CATEGORIES 8
#define LEDGER_PATH       "held%d/c%d" /* the first four below held0, which refuses; the others below held1 */
#define LEDGER_NOTIFIES   7            /* which has a budget that only notifies */
#define LEDGER_ROWS       6

/* Of one thread; what it frees of others' is below 0. */
struct ledger_row {
  uint64_t pid; /* of the child's row alone */
  uint64_t moving;
  uint64_t moving_bytes; /* while `moving` */
  uint64_t bytes[LEDGER_CATEGORIES];
  uint64_t blocks[LEDGER_CATEGORIES];
};

struct ledger {
  uint64_t pid; /* 0: it has not come to its main() */
  uint64_t seed;
  struct ledger_row child;
  struct ledger_row rows[LEDGER_ROWS];
};

_Static_assert(sizeof(struct ledger_row) == 152 && sizeof(struct ledger) == 16 + 7 * 152,
               "as killed.py has it");

#endif
