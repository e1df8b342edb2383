/*
 * script.h: levels of pressure by frame, out of a file: `FRAME LEVEL` a line, the frames ascending, the level none, low,
 * medium, high or critical; from # on a line is a comment. From the end of that frame on the level holds.
 */
#ifndef CREATURES_PRESSURE_SCRIPT_H
#define CREATURES_PRESSURE_SCRIPT_H

#include <ration/kit/vector.h>
#include <stdint.h>

struct script_line {
  uint32_t frame;
  uint32_t level; /* RATION_LEVEL_* */
};

RATION_VECTOR(script_lines, struct script_line);

struct script {
  struct script_lines lines;
  size_t next; /* the first that is still to come */
};

/* 0, or -errno and in *ret_wrong one line, FILE:LINE in front where the fault is in one, that is good until the next
   call. -EINVAL: no such script. */
int script_read(struct script *script, struct ration_memory *memory, const char *file,
                const char **ret_wrong);
void script_done(struct script *script);

/* 1: a line is for this frame or one before it; the last of these is its level, in *ret_level. 0: none has come since. */
int script_take(struct script *script, uint32_t frame, uint32_t *ret_level);

#endif
