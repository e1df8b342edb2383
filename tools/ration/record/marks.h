/*
 * marks.h: a set of row numbers.
 */
#ifndef RATION_TOOL_RECORD_MARKS_H
#define RATION_TOOL_RECORD_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct marks {
  uint64_t *words; /* allocated; NULL: none is in it, and there is room for none */
  uint64_t rows;   /* 0 .. rows-1 can be in it */
};

/* Empty. Returns 0 or -ENOMEM. */
int marks_open(uint64_t rows, struct marks *ret_marks);
void marks_close(struct marks *marks);

/* What is no row is passed over. */
void marks_add(struct marks *marks, uint64_t row);
bool marks_have(const struct marks *marks, uint64_t row);
void marks_clear(struct marks *marks);

/*
 * The first row from `from` on that is in it; *ret_end is one past the last of those that follow it without a gap. UINT64_MAX:
 * there is none.
 */
uint64_t marks_next(const struct marks *marks, uint64_t from, uint64_t *ret_end);

#endif
