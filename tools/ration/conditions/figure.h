/*
 * figure.h: what a condition can be about: a number of a category of a process, or of its budget.
 *
 * The numbers are those of JSON, out of the tables that JSON is made from, under their names without `_bytes`; `leaks`,
 * the blocks that `report --leaks` lists, with `subtree_leaks`; and `accounted`, the bytes that `accounts` has live, with
 * `subtree_accounted`; and `held`, the bytes of its pages of the page heap, with `subtree_held`. A value is of 64 bits; of a growth, which may be
 * below 0, it is that of an int64_t.
 */
#ifndef RATION_TOOL_CONDITIONS_FIGURE_H
#define RATION_TOOL_CONDITIONS_FIGURE_H

#include "conditions/leak_count.h"
#include "config/stretch.h"
#include "view/field.h"

enum figure_source {
  FIGURE_OF_CATEGORY,
  FIGURE_OF_BUDGET,
  FIGURE_OF_SAMPLES,
  FIGURE_OF_ACCOUNTS,
  FIGURE_OF_PAGES
};

#define FIGURE_NAME_BYTES 64

struct figure {
  const char *name;               /* as JSON has it */
  char called[FIGURE_NAME_BYTES]; /* as conditions have it */
  enum field_kind kind;           /* FIELD_BYTES, FIELD_COUNT, FIELD_LENGTH or FIELD_RATE */
  enum figure_source source;
  const struct field *field; /* NULL: of samples, accounts or pages */
};

/* One process, as far as it is known. */
struct observation {
  const struct process *process;
  const struct leak_count *leaks; /* NULL: they were not counted */
};

/* One by one; false: there are no more. */
bool figure_at(size_t number, struct figure *ret_figure);

/* By its name in conditions. Returns 0, or -EINVAL with words that name all that there are. */
int figure_find(struct stretch name, struct figure *ret_figure, struct fault *ret_fault);

/* The name that conditions have for it, for as long as the figure is there. */
struct stretch figure_name(const struct figure *figure);

/* Whether it takes what is not read with every process. */
bool figure_needs_leaks(const struct figure *figure);
bool figure_needs_growth(const struct figure *figure);

/*
 * What it is, of that category. Returns 0; -ENOENT: the process has no such category; -ENODATA: no such budget, or no
 * samples; -EDOM: it is null in JSON, too: there is nothing to tell yet, or no page heap.
 */
int figure_value(const struct figure *figure, const struct observation *observation, const char *category,
                 uint64_t *ret_value);

/* Values of this kind in order: below 0, 0, or above it. */
int figure_compare(enum field_kind kind, uint64_t a, uint64_t b);

/* A value as a number to reckon with: exact, as far as long double goes. */
long double figure_real(enum field_kind kind, uint64_t value);

/* A value of this kind as people write it: "1.2 MiB", "1,204", "3.0 s", "+1.2 MiB/h". */
struct words figure_words(enum field_kind kind, uint64_t value);

/* To the last unit, where two differ that look alike: "1,258,291 bytes". */
struct words figure_words_exact(enum field_kind kind, uint64_t value);

/*
 * A value as a condition has it: a size (of a growth perhaps below 0), a number, a time (0 needs no unit). Returns 0, or
 * -EINVAL with words.
 */
int figure_read_value(enum field_kind kind, struct stretch text, uint64_t *ret_value,
                      struct fault *ret_fault);

#endif
