/*
 * course.c: see course.h.
 */
#include "top/course.h"

#define FLAT_SHARE 4 /* of the largest value: one part of so many is the least that fills the height */

/* The values that are put into one column, and from which on they are there. */
struct bucket {
  uint64_t first;
  uint64_t end;
};

static uint64_t oldest(const struct course *course);
static uint64_t highest(const struct course *course, struct bucket bucket);

void course_add(struct course *course, uint64_t value) {
  course->value[course->count++ % COURSE_VALUES] = value;
}

size_t course_draw(const struct course *course, size_t columns, unsigned most, unsigned char ret_heights[]) {
  if (course->count == 0 || columns == 0) return 0;
  uint64_t each = (COURSE_VALUES + columns - 1) / columns, values[COURSE_VALUES];
  uint64_t first = oldest(course) / each, last = (course->count - 1) / each;
  if (last - first >= columns) first = last + 1 - columns;
  uint64_t low = UINT64_MAX, high = 0;
  size_t count = 0;
  for (uint64_t at = first; at <= last; at++) {
    uint64_t value = highest(course, (struct bucket){at * each, (at + 1) * each});
    if (value < low) low = value;
    if (value > high) high = value;
    values[count++] = value;
  }
  uint64_t range = high - low > high / FLAT_SHARE ? high - low : high / FLAT_SHARE;
  for (size_t i = 0; i < count; i++) {
    double share = range ? (double)(values[i] - low) / (double)range : 0;
    ret_heights[i] = (unsigned char)(1 + (unsigned)(share * (most - 1) + 0.5));
  }
  return count;
}

static uint64_t oldest(const struct course *course) {
  return course->count > COURSE_VALUES ? course->count - COURSE_VALUES : 0;
}

static uint64_t highest(const struct course *course, struct bucket bucket) {
  uint64_t from = bucket.first > oldest(course) ? bucket.first : oldest(course), most = 0;
  for (uint64_t at = from; at < bucket.end && at < course->count; at++) {
    uint64_t value = course->value[at % COURSE_VALUES];
    if (value > most) most = value;
  }
  return most;
}
