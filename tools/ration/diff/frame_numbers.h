/*
 * frame_numbers.h: frames of two processes as numbers that are equal where the frames are the same place of a program,
 * though the processes have it at different addresses, or even in different builds.
 *
 * Where both have the module, by its build-id, that is the offset in it. Else it is the function's name, of inlined
 * functions, too: what one compiler has inlined another may call. Where that is not known, the module's file name and
 * the offset; of code in no module nothing, unless it is one process that is compared with itself.
 */
#ifndef RATION_TOOL_DIFF_FRAME_NUMBERS_H
#define RATION_TOOL_DIFF_FRAME_NUMBERS_H

#include "reader/site_list.h"
#include "symbols/symbols.h"

/* One of the two processes. */
struct frame_side {
  const struct site_list *sites;
  struct symbols *symbols;
  bool *is_shared; /* allocated: by module number, whether the other side has it, too */
};

struct frame_numbers;

/* A list of numbers that grows. */
struct number_list {
  size_t count, room;
  uint32_t *number; /* allocated */
};

/* `is_one_process`: addresses mean the same on both sides. NULL: no memory. */
struct frame_numbers *frame_numbers_new(bool is_one_process);
void frame_numbers_free(struct frame_numbers *numbers);

/* Finds the modules that both have. Returns 0 or -ENOMEM; both sides are to be freed in any case. */
int frame_numbers_match(struct frame_numbers *numbers, struct frame_side *before, struct frame_side *after);
void frame_side_free(struct frame_side *side);

/* Adds the number of some text. Returns 0 or -ENOMEM, as the next. */
int frame_numbers_add_text(struct frame_numbers *numbers, const char *text, struct number_list *list);

/* Adds those of a frame. */
int frame_numbers_add(struct frame_numbers *numbers, const struct frame_side *side, uint64_t frame,
                      struct number_list *list);

#endif
