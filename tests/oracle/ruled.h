/*
 * ruled.h: 200 rules, and what they say of a block, by a look at each in turn.
 */
#ifndef RATION_TESTS_ORACLE_RULED_H
#define RATION_TESTS_ORACLE_RULED_H

#include "reference.h"

#define RULED_THREAD "oracle-%d" /* name of a thread, by its number */

/* Prints the rules as settings of RATION_OPTIONS. */
void ruled_print(void);

/* The category, by its number in the reference, of a block that a thread of this number got with no scope open. */
uint32_t ruled_category(const struct block *block, uint32_t thread);

#endif
