/*
 * table.h: rows of text, aligned.
 *
 * The columns of a table become known with its first row. Text columns stand left, numbers right, a bar left;
 * a row whose cells are fewer leaves the rest blank.
 */
#ifndef RATION_TOOL_VIEW_TABLE_H
#define RATION_TOOL_VIEW_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "view/colour.h"

#define TABLE_COLUMNS 12

enum table_align { ALIGN_LEFT, ALIGN_RIGHT };

struct table_column {
  const char *heading;
  enum table_align align;
  bool is_bar; /* cells are drawn from the row's bar value */
  enum tint tint;
};

struct table;

/* NULL: no memory. */
struct table *table_new(void);
void table_free(struct table *table);

/* Opens a row; then a cell for each column, from the left. Returns 0 or -ENOMEM. */
int table_row(struct table *table);
int table_cell(struct table *table, const struct table_column *column, const char *text);

/* A line below the row, indented by `indent`, which takes no part in the columns. Returns 0 or -ENOMEM. */
int table_note(struct table *table, unsigned indent, const char *text);

/* The cell of a bar: `value` as a share of `whole`; of the largest value that has none, where that is 0. */
int table_bar(struct table *table, const struct table_column *column, uint64_t value, uint64_t whole);

/* Prints the headings and all rows, indented by two; without rows nothing. Colours take no room. */
void table_print(const struct table *table, bool is_coloured, FILE *to);

#endif
