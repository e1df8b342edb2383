/*
 * figure.h: what a condition can be about: a number of a category of a process, or of its budget.
 *
 * The numbers are those of JSON, out of the tables that JSON is made from, under their names without `_bytes`; and
 * `leaks`, the blocks that `report --leaks` lists, with `subtree_leaks`.
 */
#ifndef RATION_TOOL_CONDITIONS_FIGURE_H
#define RATION_TOOL_CONDITIONS_FIGURE_H

#include "conditions/leak_count.h"
#include "config/stretch.h"
#include "view/field.h"

enum figure_source { FIGURE_OF_CATEGORY, FIGURE_OF_BUDGET, FIGURE_OF_SAMPLES };

struct figure {
  const char *name;     /* as JSON has it */
  enum field_kind kind; /* FIELD_BYTES, FIELD_COUNT or FIELD_LENGTH */
  enum figure_source source;
  const struct field *field; /* NULL: of samples */
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

/* The name without `_bytes`. */
struct stretch figure_name(const struct figure *figure);

/*
 * What it is, of that category. Returns 0; -ENOENT: the process has no such category; -ENODATA: no such budget, or no
 * samples.
 */
int figure_value(const struct figure *figure, const struct observation *observation, const char *category,
                 uint64_t *ret_value);

/* A value of this kind as people write it: "1.2 MiB", "1,204", "3.0 s". */
struct words figure_words(enum field_kind kind, uint64_t value);

/* A value as a condition has it: a size, a number, a time (0 needs no unit). Returns 0, or -EINVAL with words. */
int figure_read_value(enum field_kind kind, struct stretch text, uint64_t *ret_value,
                      struct fault *ret_fault);

#endif
