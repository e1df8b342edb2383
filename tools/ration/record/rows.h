/*
 * rows.h: what stands in small tables: rules, accounts, ranges, budgets, refusals, handlers, pools, and what
 * the page heap holds.
 */
#ifndef RATION_TOOL_RECORD_ROWS_H
#define RATION_TOOL_RECORD_ROWS_H

#include "record/books.h"

/* `is_first`: also what never changes. Returns 0 or -errno. */
int rows_take(struct mirror *mirror, const struct books *books, bool is_first);

/* Handlers, refusals, pools, holdings: nobody says how many there are, so that all of their tables is read. */
int rows_take_seldom(struct mirror *mirror, const struct books *books);

#endif
