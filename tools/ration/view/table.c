/*
 * table.c: cells are kept until all are there, since the widest sets the width.
 */
#include "view/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view/bar.h"
#include "view/escape.h"

struct cell {
  char *text;
  uint64_t bar;
  uint64_t bar_whole; /* 0: the table's largest bar */
};

struct note {
  unsigned indent;
  char *text;
};

struct row {
  struct cell cells[TABLE_COLUMNS];
  size_t count;
  struct note *notes;
  size_t note_count;
};

struct table {
  struct table_column columns[TABLE_COLUMNS];
  size_t column_count;
  struct row *rows;
  size_t row_count;
  size_t room;
  uint64_t largest_bar;
};

static int add_cell(struct table *table, const struct table_column *column, const char *text, uint64_t bar,
                    uint64_t bar_whole);
static size_t column_width(const struct table *table, size_t column);
static void print_row(const struct table *table, const struct row *row, const size_t *widths,
                      bool is_coloured, FILE *to);
static void print_headings(const struct table *table, const size_t *widths, FILE *to);
static size_t print_cell(const char *text, const struct table_column *column, const char *colour,
                         size_t width, size_t owed, FILE *to);

struct table *table_new(void) {
  return calloc(1, sizeof(struct table));
}

void table_free(struct table *table) {
  if (!table) return;
  for (size_t i = 0; i < table->row_count; i++) {
    for (size_t j = 0; j < table->rows[i].count; j++) free(table->rows[i].cells[j].text);
    for (size_t j = 0; j < table->rows[i].note_count; j++) free(table->rows[i].notes[j].text);
    free(table->rows[i].notes);
  }
  free(table->rows);
  free(table);
}

int table_row(struct table *table) {
  if (table->row_count == table->room) {
    size_t room = table->room ? table->room * 2 : 32;
    struct row *rows = realloc(table->rows, room * sizeof *rows);
    if (!rows) return -ENOMEM;
    table->rows = rows;
    table->room = room;
  }
  memset(&table->rows[table->row_count++], 0, sizeof *table->rows);
  return 0;
}

int table_cell(struct table *table, const struct table_column *column, const char *text) {
  return add_cell(table, column, text, 0, 0);
}

int table_note(struct table *table, unsigned indent, const char *text) {
  struct row *row = &table->rows[table->row_count - 1];
  struct note *notes = realloc(row->notes, (row->note_count + 1) * sizeof *notes);
  if (!notes) return -ENOMEM;
  row->notes = notes;
  notes[row->note_count] = (struct note){.indent = indent, .text = strdup(text)};
  return notes[row->note_count].text ? (row->note_count++, 0) : -ENOMEM;
}

int table_bar(struct table *table, const struct table_column *column, uint64_t value, uint64_t whole) {
  if (whole == 0 && value > table->largest_bar) table->largest_bar = value;
  return add_cell(table, column, "", value, whole);
}

void table_print(const struct table *table, bool is_coloured, FILE *to) {
  if (table->row_count == 0) return;
  size_t widths[TABLE_COLUMNS];
  for (size_t i = 0; i < table->column_count; i++) widths[i] = column_width(table, i);
  print_headings(table, widths, to);
  for (size_t i = 0; i < table->row_count; i++) print_row(table, &table->rows[i], widths, is_coloured, to);
}

static int add_cell(struct table *table, const struct table_column *column, const char *text, uint64_t bar,
                    uint64_t bar_whole) {
  struct row *row = &table->rows[table->row_count - 1];
  if (row->count == TABLE_COLUMNS) return -ENOMEM;
  char *copy = strdup(text);
  if (!copy) return -ENOMEM;
  if (row->count == table->column_count) table->columns[table->column_count++] = *column;
  row->cells[row->count++] = (struct cell){.text = copy, .bar = bar, .bar_whole = bar_whole};
  return 0;
}

static size_t column_width(const struct table *table, size_t column) {
  if (table->columns[column].is_bar) return BAR_CELLS;
  size_t width = escape_columns(table->columns[column].heading);
  for (size_t i = 0; i < table->row_count; i++) {
    const struct row *row = &table->rows[i];
    if (column >= row->count) continue;
    size_t columns = escape_columns(row->cells[column].text);
    if (columns > width) width = columns;
  }
  return width;
}

static void print_headings(const struct table *table, const size_t *widths, FILE *to) {
  size_t owed = 0;
  for (size_t i = 0; i < table->column_count; i++) {
    owed = print_cell(table->columns[i].heading, &table->columns[i], NULL, widths[i], owed + 2, to);
  }
  fputc('\n', to);
}

static void print_row(const struct table *table, const struct row *row, const size_t *widths,
                      bool is_coloured, FILE *to) {
  size_t owed = 0;
  for (size_t i = 0; i < row->count; i++) {
    char bar[BAR_BYTES];
    const char *text = row->cells[i].text;
    if (table->columns[i].is_bar) {
      uint64_t whole = row->cells[i].bar_whole ? row->cells[i].bar_whole : table->largest_bar;
      bar_draw(row->cells[i].bar, whole, bar);
      text = bar;
    }
    const char *colour = is_coloured ? colour_of(table->columns[i].tint, text) : NULL;
    owed = print_cell(text, &table->columns[i], colour, widths[i], owed + 2, to);
  }
  fputc('\n', to);
  for (size_t i = 0; i < row->note_count; i++) {
    fprintf(to, "%*s%s\n", (int)row->notes[i].indent, "", row->notes[i].text);
  }
}

/* Blanks are owed, and paid before the next text, so that no line ends in them. Returns what is still owed.
 */
static size_t print_cell(const char *text, const struct table_column *column, const char *colour,
                         size_t width, size_t owed, FILE *to) {
  size_t columns = escape_columns(text);
  if (columns == 0) return owed + width;
  size_t before = column->align == ALIGN_RIGHT ? width - columns : 0;
  fprintf(to, "%*s%s%s%s", (int)(owed + before), "", colour ? colour : "", text, colour ? COLOUR_END : "");
  return width - columns - before;
}
