/*
 * modules.h: the modules that call stacks lie in, in the segment's table: so that their symbols can be found when the
 * process is gone, or the module is.
 */
#ifndef RATION_TRACK_MODULES_H
#define RATION_TRACK_MODULES_H

#include <stdint.h>

#include "model/segment.h"

/* At start: notes what only the kernel can say: the path of the program, and the folder that it starts in. */
void modules_prepare(void);

/* The module of a stack's last frame: as a rule that of the next one. All zero: none. */
struct module_hint {
  uintptr_t start;
  uintptr_t bytes;
  uintptr_t bias;
  uint32_t number; /* its row */
};

/*
 * A return address as a frame of the segment (RATION_FRAME_...). Its module gets a row if it has none; `generation` is
 * that of all modules, by which those are known again that another one has taken the place of. The hint is of the same
 * stack. In-malloc: no system call, but for the pages of the table.
 */
uint64_t modules_frame(uintptr_t pc, uint64_t generation, struct module_hint *hint);

/* A forked child's table starts as its parent's, with the same rows. */
void modules_inherit(struct segment *child, const struct segment *parents);

#endif
