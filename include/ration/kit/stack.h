/*
 * stack.h: memory for work within work. What is allocated last is given back first: piece by piece, or all that came
 * after a marker at once. For temporary memory of nested calls, of a parser, of a job.
 *
 *     struct ration_stack stack;
 *     struct ration_stack_marker marker;
 *     ration_stack_init(&stack, NULL, NULL);
 *     ration_stack_push_marker(&stack, "solve", &marker);
 *     double *rows = RATION_STACK_ARRAY(&stack, double, count);
 *     ...
 *     ration_stack_pop_marker(&stack, marker);
 *
 * A marker is known by a serial number, and not by its offset, which two markers can share: popped out of order it is
 * -EBUSY, popped already or taken back by a reset -ESTALE, and of another stack -EFAULT. The newest piece can be released
 * by itself; any other has newer ones over it, and stays, -EBUSY. The stack is one fixed block, or goes on to further ones,
 * and keeps those that it has left for the next time, unless there is no memory beside them for one that is needed.
 *
 * Ownership: pieces are the stack's. The texts of markers are borrowed: let them be literals. `memory` of the stack is the
 * stack as a ration_memory; so what it serves must be given back in the opposite order, and only the newest piece can
 * grow. The stack must not be moved.
 *
 * Units: each piece takes 16 bytes more than it was asked for and what its alignment costs (of at least 8), a marker 40.
 * Figures include that.
 *
 * Threads: one at a time; ration_stack_stats from any, at any time but during init and done, each figure by itself
 * exact. Complexity: O(1); O(pieces + markers) to tell what is wrong, O(blocks) to pop over several blocks or find a kept
 * one.
 */
#ifndef RATION_KIT_STACK_H
#define RATION_KIT_STACK_H

#include <errno.h>

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_stack_settings {
  size_t block_bytes;  /* what a block holds; 0: 64 KiB. A larger request gets a block of its size */
  size_t bytes_most;   /* the most to take from the memory below, headers of blocks included; 0: no maximum */
  size_t markers_most; /* the most markers at once; 0: no maximum */
  uint32_t is_fixed;   /* one block, taken at init, and no other */
};

struct ration_stack_block; /* private */
struct ration_stack_entry;
struct ration_stack_mark;

/* Private but for `memory`. used = closed + (top - begin of current). */
struct ration_stack {
  struct ration_memory memory;
  char *top, *end;                 /* of the current block; NULL: there is none yet */
  struct ration_stack_entry *last; /* the newest piece or marker */
  struct ration_stack_mark *mark;  /* the innermost marker */
  struct ration_stack_block *current, *first;
  size_t closed; /* used of the blocks before current */
  size_t used, high_water, reserved, depth;
  uint64_t number, serial; /* of the stack, and of the last marker */
  struct ration_memory *below;
  struct ration_stack_settings settings;
};

struct ration_stack_marker {
  uint64_t stack; /* private */
  uint64_t serial;
};

struct ration_stack_figures {
  size_t used;       /* bytes in use, with headers of pieces and what alignment costs */
  size_t high_water; /* the most that this was */
  size_t reserved;   /* taken from the memory below */
  size_t depth;      /* markers in place */
};

/* settings NULL: the defaults. -EINVAL: stack is NULL, or bytes_most too small for one block; -EOVERFLOW: a block would be
   over RATION_BYTES_MOST; -ENOMEM, -ENOSPC: a fixed stack's block is not to be had. */
int ration_stack_init(struct ration_stack *stack, struct ration_memory *memory,
                      const struct ration_stack_settings *settings);

/* Gives all back, whatever is in place. */
void ration_stack_done(struct ration_stack *stack);

/* size bytes at a multiple of alignment. EINVAL also: stack is NULL or not made; ENOSPC: fixed, and full, or bytes_most is
   reached; ENOMEM. */
void *ration_stack_allocate(struct ration_stack *stack, size_t size, size_t alignment);

/* count objects of size bytes; EOVERFLOW where that is too much. */
void *ration_stack_allocate_array(struct ration_stack *stack, size_t count, size_t size, size_t alignment);

#define RATION_STACK_NEW(stack, type)                                                                        \
  ((type *)ration_stack_allocate((stack), sizeof(type), __alignof__(type)))
#define RATION_STACK_ARRAY(stack, type, count)                                                               \
  ((type *)ration_stack_allocate_array((stack), (count), sizeof(type), __alignof__(type)))

/* Gives the newest piece back; NULL is nothing, 0. -EBUSY: it is not the newest, or a marker stands over it; -EALREADY: it
   lies above the top; -EFAULT: it is none of this stack; -EINVAL: not the size that it has, or the stack is not made. */
int ration_stack_release(struct ration_stack *stack, void *piece, size_t size);

/* Marks the place. text: static, or as long-lived as the marker; NULL is one, too. -EINVAL: an argument is NULL, or the
   stack not made; -ENOSPC: markers_most is reached, or as allocate; -ENOMEM. */
int ration_stack_push_marker(struct ration_stack *stack, const char *text,
                             struct ration_stack_marker *ret_marker);

/* Gives back all since the marker, and takes it away. -EBUSY: newer markers are in place; -ESTALE: it was popped, or a
   reset took it; -EFAULT: it is of another stack; -EINVAL. */
int ration_stack_pop_marker(struct ration_stack *stack, struct ration_stack_marker marker);

/* The text of a marker, for debugging: 0 is the innermost. NULL: there are not so many (or that is its text). */
const char *ration_stack_text(const struct ration_stack *stack, size_t outward);

/* Gives back all, markers too; blocks are kept. -EINVAL. */
int ration_stack_reset(struct ration_stack *stack);

/* Gives the blocks that nothing is in back to the memory below (a fixed one stays), and returns how many bytes. */
size_t ration_stack_trim(struct ration_stack *stack);

/* -EINVAL: an argument is NULL, or the stack not made. */
int ration_stack_stats(const struct ration_stack *stack, struct ration_stack_figures *ret_figures);

/* The stack behind a ration_memory; NULL if it is none. */
struct ration_stack *ration_stack_of(struct ration_memory *memory);

/* For tests: 1 if the formula above holds, and all entries and blocks are in order. */
int ration_stack_is_valid(const struct ration_stack *stack);

#ifdef __cplusplus
}
#endif
#endif
