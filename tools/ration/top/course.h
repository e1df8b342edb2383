/*
 * course.h: how the bytes of one row went in the last minute: a value a second, the newest last.
 *
 * Pure. Columns are put together from so many values each, always the same ones: so what is drawn moves by whole
 * columns, and does not flicker.
 */
#ifndef RATION_TOOL_TOP_COURSE_H
#define RATION_TOOL_TOP_COURSE_H

#include <stddef.h>
#include <stdint.h>

#define COURSE_VALUES 60

struct course {
  uint64_t count; /* that were added so far: the newest is value[(count - 1) % COURSE_VALUES] */
  uint64_t value[COURSE_VALUES];
};

void course_add(struct course *course, uint64_t value);

/*
 * Heights of at most `columns` columns, from 1 (the least that there was) to `most`; the newest last. Returns how many
 * there are. The full height is at least a quarter of the largest value: what hardly moves is drawn as a flat line.
 */
size_t course_draw(const struct course *course, size_t columns, unsigned most, unsigned char ret_heights[]);

#endif
