/*
 * stage.h: segments of real programs (seeds), each in a file that is bent for a moment and then as it was.
 *
 * An input is a head and a list of changes of a fixed size, so that whatever a mutator does to it leaves a segment that a
 * reader gets far into: not bytes of a file, most of which nobody looks at, but what somebody has written into a right one.
 */
#ifndef RATION_FUZZ_STAGE_H
#define RATION_FUZZ_STAGE_H

#include <stddef.h>
#include <stdint.h>

struct input_head {
  uint8_t seed;  /* which segment */
  uint8_t sight; /* which look at it: sight.h */
};

/* What becomes of a field. */
enum change_kind {
  CHANGE_SET,
  CHANGE_ADD,
  CHANGE_FLIP,
  CHANGE_COPY,
  CHANGE_FILL,
  CHANGE_CUT,
  CHANGE_GROW,
  CHANGE_SELF
};

struct change {
  uint8_t table; /* RATION_TABLE_*, by the seed's own directory; any other: the whole file is one row */
  uint8_t how;   /* bits 0-1: log2 of the width of the field; bits 2-4: enum change_kind */
  uint16_t when; /* of a segment that changes while it is read: after so many reads */
  uint32_t row;  /* folded into the table; unless the uppermost bit is set, into its first rows */
  uint32_t field;
  uint32_t value[2];
};

_Static_assert(sizeof(struct change) == 20, "inputs are lists of these");

/*
 * Puts the seed on the stage, with changes from `bytes` that are due at once; those of other moments follow with
 * stage_read(). Returns the path of the segment.
 */
const char *stage_open(uint8_t seed, const uint8_t *bytes, size_t count, int is_live);

/* Somebody has read from the segment once more. */
void stage_read(void);

/* It is as it was. */
void stage_close(void);

/* The mutator of such inputs: adds, drops, repeats and bends whole changes. */
size_t stage_mutate(uint8_t *input, size_t size, size_t most, unsigned seed);

#endif
