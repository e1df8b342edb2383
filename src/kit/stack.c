/*
 * stack.c: entries, one over the other, each of which knows the one before and where the top was. Markers are entries,
 * too, so there is no second array that could be full or stale.
 *
 *     block: | header | entry piece | padding entry piece | entry mark | entry piece |      |
 *                                                             ^ mark       ^ last      ^ top  ^ end
 *
 * What lies after the current block in the list is empty, and kept. No block before the current one is empty: to pop its
 * first entry is to leave it.
 */
#include <ration/kit/stack.h>

#include <errno.h>
#include <string.h>

#include "base/atomics.h"
#include "kit/fail.h"

#define BLOCK_BYTES     ((size_t)64 << 10)
#define BLOCK_ALIGNMENT ((size_t)64)
#define HEADER          BLOCK_ALIGNMENT

struct ration_stack_block {
  struct ration_stack_block *previous, *next;
  char *begin, *end;
  char *top; /* where it was when the next block became current */
};

struct ration_stack_entry { /* its piece follows */
  struct ration_stack_entry *previous;
  char *before; /* the top, before it: in the same block */
};

struct ration_stack_mark {
  struct ration_stack_mark *previous;
  const char *text;
  uint64_t serial;
};

#define ENTRY           sizeof(struct ration_stack_entry)
#define ENTRY_ALIGNMENT _Alignof(struct ration_stack_entry)

_Static_assert(sizeof(struct ration_stack_block) <= HEADER, "the header is before the first entry");
_Static_assert(sizeof(struct ration_stack_entry) % _Alignof(struct ration_stack_mark) == 0,
               "any piece is aligned for an entry before it and for a mark in it");

static const struct ration_memory_type type;
static uint64_t numbers; /* of stacks made in the process so far */

static void *push_or_trim(struct ration_stack *stack, size_t size, size_t alignment);
static void *push(struct ration_stack *stack, size_t size, size_t alignment);
static void *push_here(struct ration_stack *stack, size_t size, size_t alignment);
static int extend(struct ration_stack *stack, size_t size, size_t alignment);
static struct ration_stack_block *make(struct ration_stack *stack, size_t needed);
static void enter(struct ration_stack *stack, struct ration_stack_block *block);
static void pop(struct ration_stack *stack, struct ration_stack_entry *entry);
static void count(struct ration_stack *stack);
static int explain(const struct ration_stack *stack, const void *piece);
static size_t give_back(struct ration_stack *stack, struct ration_stack_block *list);

static int is_made(const struct ration_stack *stack) {
  return stack && stack->memory.type == &type;
}

static void *piece_of(struct ration_stack_entry *entry) {
  return entry + 1;
}

int ration_stack_init(struct ration_stack *stack, struct ration_memory *memory,
                      const struct ration_stack_settings *settings) {
  struct ration_stack_settings set = settings ? *settings : (struct ration_stack_settings){0};
  if (!set.block_bytes) set.block_bytes = BLOCK_BYTES;
  if (!stack) return -EINVAL;
  if (set.block_bytes > RATION_BYTES_MOST - HEADER) return -EOVERFLOW;
  if (set.bytes_most && set.bytes_most < set.block_bytes + HEADER) return -EINVAL;
  struct ration_stack made = {.memory = {&type},
                              .number = add_relaxed(&numbers, 1) + 1,
                              .below = memory ? memory : ration_memory_system(),
                              .settings = set};
  if (set.is_fixed) {
    struct ration_stack_block *block = make(&made, set.block_bytes);
    if (!block) return -errno;
    enter(&made, block);
  }
  *stack = made;
  return 0;
}

void ration_stack_done(struct ration_stack *stack) {
  if (!is_made(stack)) return;
  give_back(stack, stack->first);
  memset(stack, 0, sizeof *stack);
}

void *ration_stack_allocate(struct ration_stack *stack, size_t size, size_t alignment) {
  int error = is_made(stack) ? ration_memory_check(size, alignment) : -EINVAL;
  return error ? fail(error) : push_or_trim(stack, size, alignment);
}

void *ration_stack_allocate_array(struct ration_stack *stack, size_t objects, size_t size, size_t alignment) {
  size_t bytes;
  if (__builtin_mul_overflow(objects, size, &bytes)) return fail(-EOVERFLOW);
  return ration_stack_allocate(stack, bytes, alignment);
}

/* Where there is no memory beside the blocks that are kept, in their place. NULL and errno. */
static void *push_or_trim(struct ration_stack *stack, size_t size, size_t alignment) {
  int kept_errno = errno;
  void *piece = push(stack, size, alignment);
  if (LIKELY(piece != NULL) || !ration_stack_trim(stack)) return piece;
  piece = push(stack, size, alignment);
  if (piece) errno = kept_errno;
  return piece;
}

/* Over the newest entry, in the current block or the next. NULL and errno. */
static void *push(struct ration_stack *stack, size_t size, size_t alignment) {
  if (alignment < ENTRY_ALIGNMENT) alignment = ENTRY_ALIGNMENT;
  void *piece = push_here(stack, size, alignment);
  if (LIKELY(piece != NULL)) return piece;
  int error = extend(stack, size, alignment);
  return error ? fail(error) : push_here(stack, size, alignment);
}

/* Over the newest entry of the current block; NULL if there is no room. */
static void *push_here(struct ration_stack *stack, size_t size, size_t alignment) {
  char *top = stack->top;
  size_t room = (size_t)(stack->end - top);
  size_t before = ENTRY + ((size_t)(0 - ((uintptr_t)top + ENTRY)) & (alignment - 1));
  if (size > room || before > room - size) return NULL;
  struct ration_stack_entry *entry = (struct ration_stack_entry *)(void *)(top + before - ENTRY);
  *entry = (struct ration_stack_entry){stack->last, top};
  stack->last = entry;
  stack->top = top + before + size;
  count(stack);
  return piece_of(entry);
}

/* The figures that other threads may read. Relaxed: each is a word by itself. */
static void count(struct ration_stack *stack) {
  size_t used = stack->closed + (stack->current ? (size_t)(stack->top - stack->current->begin) : 0);
  store_relaxed(&stack->used, used);
  if (used > stack->high_water) store_relaxed(&stack->high_water, used);
}

/* Goes on to a block that has room: a kept one, or a new one. The current one is left as it is. */
static int extend(struct ration_stack *stack, size_t size, size_t alignment) {
  if (stack->settings.is_fixed) return -ENOSPC;
  if (size > RATION_BYTES_MOST - RATION_ALIGNMENT_MOST - ENTRY - HEADER) return -ENOMEM;
  size_t needed = ENTRY + size + (alignment > ENTRY_ALIGNMENT ? alignment - ENTRY_ALIGNMENT : 0);
  struct ration_stack_block *block = stack->current ? stack->current->next : stack->first;
  while (block && (size_t)(block->end - block->begin) < needed) block = block->next;
  if (block) {
    if (block->previous)
      block->previous->next = block->next;
    else
      stack->first = block->next;
    if (block->next) block->next->previous = block->previous;
  } else {
    block = make(stack, needed);
    if (!block) return -errno;
  }
  enter(stack, block);
  return 0;
}

/* A block, in no list, that holds so much, or what the settings say if that is more and to be had; NULL and errno. */
static struct ration_stack_block *make(struct ration_stack *stack, size_t needed) {
  size_t left = (stack->settings.bytes_most ? stack->settings.bytes_most : SIZE_MAX) - stack->reserved;
  size_t wanted = stack->settings.block_bytes > needed ? stack->settings.block_bytes : needed;
  if (wanted + HEADER > left) wanted = needed;
  if (wanted + HEADER > left) return fail(-ENOSPC);
  int kept_errno = errno;
  struct ration_stack_block *block = ration_memory_allocate(stack->below, HEADER + wanted, BLOCK_ALIGNMENT);
  if (!block && wanted > needed) {
    wanted = needed;
    block = ration_memory_allocate(stack->below, HEADER + wanted, BLOCK_ALIGNMENT);
    if (block) errno = kept_errno;
  }
  if (!block) return NULL;
  char *begin = (char *)block + HEADER;
  *block = (struct ration_stack_block){.begin = begin, .end = begin + wanted, .top = begin};
  store_relaxed(&stack->reserved, stack->reserved + HEADER + wanted);
  return block;
}

/* Makes a block the current one: after the one that was, or, if that is empty, before it; before those that are kept. */
static void enter(struct ration_stack *stack, struct ration_stack_block *block) {
  struct ration_stack_block *left = stack->current;
  if (left && stack->top == left->begin) {
    left = left->previous;
  } else if (left) {
    left->top = stack->top;
    stack->closed += (size_t)(left->top - left->begin);
  }
  block->previous = left;
  block->next = left ? left->next : stack->first;
  if (block->next) block->next->previous = block;
  if (left)
    left->next = block;
  else
    stack->first = block;
  stack->current = block;
  stack->top = block->begin;
  stack->end = block->end;
}

int ration_stack_release(struct ration_stack *stack, void *piece, size_t size) {
  if (!is_made(stack)) return -EINVAL;
  if (!piece) return 0;
  struct ration_stack_entry *last = stack->last;
  if (!last || piece_of(last) != piece || piece == stack->mark) return explain(stack, piece);
  if (!size || (size_t)(stack->top - (char *)piece) != size) return -EINVAL;
  pop(stack, last);
  count(stack);
  return 0;
}

/* Takes away an entry and all above it; what this leaves empty is left, but for the first block. */
static void pop(struct ration_stack *stack, struct ration_stack_entry *entry) {
  struct ration_stack_block *block = stack->current;
  while ((uintptr_t)entry - (uintptr_t)block->begin >= (uintptr_t)(block->end - block->begin)) {
    block = block->previous;
    stack->closed -= (size_t)(block->top - block->begin);
  }
  stack->last = entry->previous;
  stack->top = entry->before;
  if (stack->top == block->begin && block->previous) {
    block = block->previous;
    stack->closed -= (size_t)(block->top - block->begin);
    stack->top = block->top;
  }
  stack->current = block;
  stack->end = block->end;
}

/* Why a piece cannot be released. */
static int explain(const struct ration_stack *stack, const void *piece) {
  for (struct ration_stack_entry *entry = stack->last; entry; entry = entry->previous)
    if (piece_of(entry) == piece) {
      const struct ration_stack_mark *mark = stack->mark;
      while (mark && (const void *)mark != piece) mark = mark->previous;
      return mark ? -EFAULT : -EBUSY;
    }
  int is_empty = 0; /* of the blocks after the current one */
  for (const struct ration_stack_block *block = stack->first; block; block = block->next) {
    uintptr_t offset = (uintptr_t)piece - (uintptr_t)block->begin;
    const char *top = is_empty ? block->begin : block == stack->current ? stack->top : block->top;
    if (offset < (uintptr_t)(block->end - block->begin))
      return offset >= (uintptr_t)(top - block->begin) ? -EALREADY : -EFAULT;
    if (block == stack->current) is_empty = 1;
  }
  return -EFAULT;
}

int ration_stack_push_marker(struct ration_stack *stack, const char *text,
                             struct ration_stack_marker *ret_marker) {
  if (!is_made(stack) || !ret_marker) return -EINVAL;
  if (stack->settings.markers_most && stack->depth >= stack->settings.markers_most) return -ENOSPC;
  int kept_errno = errno;
  struct ration_stack_mark *mark = push_or_trim(stack, sizeof *mark, ENTRY_ALIGNMENT);
  if (!mark) {
    int error = -errno;
    errno = kept_errno;
    return error;
  }
  *mark = (struct ration_stack_mark){stack->mark, text, ++stack->serial};
  stack->mark = mark;
  store_relaxed(&stack->depth, stack->depth + 1);
  *ret_marker = (struct ration_stack_marker){stack->number, mark->serial};
  return 0;
}

int ration_stack_pop_marker(struct ration_stack *stack, struct ration_stack_marker marker) {
  if (!is_made(stack)) return -EINVAL;
  if (marker.stack != stack->number || marker.serial > stack->serial) return -EFAULT;
  struct ration_stack_mark *innermost = stack->mark, *mark = innermost;
  while (mark && mark->serial > marker.serial) mark = mark->previous;
  if (!mark || mark->serial != marker.serial) return -ESTALE;
  if (mark != innermost) return -EBUSY;
  stack->mark = mark->previous;
  store_relaxed(&stack->depth, stack->depth - 1);
  pop(stack, (struct ration_stack_entry *)(void *)mark - 1);
  count(stack);
  return 0;
}

const char *ration_stack_text(const struct ration_stack *stack, size_t outward) {
  const struct ration_stack_mark *mark = is_made(stack) ? stack->mark : NULL;
  while (mark && outward--) mark = mark->previous;
  return mark ? mark->text : NULL;
}

int ration_stack_reset(struct ration_stack *stack) {
  if (!is_made(stack)) return -EINVAL;
  if (!stack->current) return 0;
  stack->current = stack->first;
  stack->top = stack->first->begin;
  stack->end = stack->first->end;
  stack->closed = 0;
  stack->last = NULL;
  stack->mark = NULL;
  store_relaxed(&stack->depth, 0);
  count(stack);
  return 0;
}

size_t ration_stack_trim(struct ration_stack *stack) {
  if (!is_made(stack) || !stack->current || stack->settings.is_fixed) return 0;
  struct ration_stack_block *kept = stack->current->next;
  if (stack->last) {
    stack->current->next = NULL;
  } else {
    kept = stack->first;
    stack->first = stack->current = NULL;
    stack->top = stack->end = NULL;
  }
  return give_back(stack, kept);
}

static size_t give_back(struct ration_stack *stack, struct ration_stack_block *list) {
  size_t bytes = 0;
  for (struct ration_stack_block *next; list; list = next) {
    next = list->next;
    size_t size = HEADER + (size_t)(list->end - list->begin);
    ration_memory_release(stack->below, list, size, BLOCK_ALIGNMENT);
    bytes += size;
  }
  store_relaxed(&stack->reserved, stack->reserved - bytes);
  return bytes;
}

int ration_stack_stats(const struct ration_stack *stack, struct ration_stack_figures *ret_figures) {
  if (!is_made(stack) || !ret_figures) return -EINVAL;
  /* Relaxed: each figure by itself. */
  ret_figures->used = load_relaxed(&stack->used);
  ret_figures->high_water = load_relaxed(&stack->high_water);
  ret_figures->reserved = load_relaxed(&stack->reserved);
  ret_figures->depth = load_relaxed(&stack->depth);
  return 0;
}

struct ration_stack *ration_stack_of(struct ration_memory *memory) {
  return memory && memory->type == &type ? (struct ration_stack *)(void *)memory : NULL;
}

/* Each block before the current one has entries, and the entries, newest first, end where each block begins. */
int ration_stack_is_valid(const struct ration_stack *stack) {
  if (!is_made(stack)) return 0;
  size_t closed = 0, reserved = 0, depth = 0;
  int is_kept = !stack->current;
  for (const struct ration_stack_block *block = stack->first, *previous = NULL; block;
       previous = block, block = block->next) {
    if (block->previous != previous || (!is_kept && block != stack->current && block->top == block->begin))
      return 0;
    if (block == stack->current)
      is_kept = 1;
    else if (!is_kept)
      closed += (size_t)(block->top - block->begin);
    reserved += HEADER + (size_t)(block->end - block->begin);
  }
  const struct ration_stack_block *block = stack->current;
  const struct ration_stack_mark *mark = stack->mark;
  const char *top = stack->top;
  for (struct ration_stack_entry *entry = stack->last; entry; entry = entry->previous) {
    if (block && top == block->begin) block = block->previous, top = block ? block->top : NULL;
    if (!block) return 0;
    if ((const char *)entry < entry->before || (const char *)(entry + 1) > top) return 0;
    if (mark && (const void *)mark == piece_of(entry)) mark = mark->previous, depth++;
    top = entry->before;
  }
  size_t used = closed + (stack->current ? (size_t)(stack->top - stack->current->begin) : 0);
  return is_kept && !mark && depth == stack->depth &&
         (!block || (top == block->begin && block == stack->first)) && closed == stack->closed &&
         used == stack->used && used <= stack->high_water && reserved == stack->reserved;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  return push_or_trim((struct ration_stack *)(void *)memory, size, alignment);
}

/* Of the newest piece alone: in place, or in another block: popped and pushed, while its bytes are where they were. Kept
   blocks, of which its own can be one then, may go only once it is back. */
static void *reallocate(struct ration_memory *memory, void *piece, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_stack *stack = (struct ration_stack *)(void *)memory;
  struct ration_stack_entry *last = stack->last;
  if (!last || piece_of(last) != piece || piece == stack->mark) return fail(explain(stack, piece));
  if ((size_t)(stack->top - (char *)piece) != size) return fail(-EINVAL);
  if (new_size <= (size_t)(stack->end - (char *)piece)) {
    stack->top = (char *)piece + new_size;
    count(stack);
    return piece;
  }
  struct ration_stack_block *current = stack->current;
  char *top = stack->top;
  size_t closed = stack->closed;
  int kept_errno = errno;
  pop(stack, last);
  void *moved = push(stack, new_size, alignment);
  if (moved) return memmove(moved, piece, size);
  stack->last = last, stack->top = top, stack->closed = closed;
  stack->current = current, stack->end = current->end;
  if (ration_stack_trim(stack)) moved = reallocate(memory, piece, size, new_size, alignment);
  if (moved) errno = kept_errno;
  return moved;
}

static int release(struct ration_memory *memory, void *piece, size_t size, size_t alignment) {
  (void)alignment;
  return ration_stack_release((struct ration_stack *)(void *)memory, piece, size);
}

static const struct ration_memory_type type = {
    .name = "stack", .allocate = allocate, .reallocate = reallocate, .release = release};
