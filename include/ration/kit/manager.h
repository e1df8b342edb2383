/*
 * manager.h: all the memories of a program in one place, from the most general to the most special:
 *
 *     global       the memory below: the process's heap, as a rule       lives as long as its owner likes
 *     thread       a heap with a cache for each thread (heap.h)          the same, small blocks, many threads
 *     frame        a frame arena (frame_arena.h)                         until the end of the next frame
 *     arena NAME   arenas by name (arena.h)                              until the arena is reset
 *     stack NAME   stacks by name, of the calling thread (stack.h)       until what came before is given back
 *
 * Each is a ration_memory, so code that takes one works with any:
 *
 *     struct ration_manager manager;
 *     ration_manager_init(&manager, NULL, NULL);
 *     load(ration_manager_arena(&manager, "level"));
 *     draw(ration_manager_frame(&manager), ration_manager_stack(&manager, "draw"));
 *     ration_manager_flip(&manager);
 *
 * Ownership: the manager's, until done. A name is copied; the same name is the same arena, and for each thread the same
 * stack. ration_arena_of and ration_stack_of make of a ration_memory what it is, with all its functions. A thread's
 * stacks are given back when it ends. The manager must not be moved.
 *
 * Threads: all functions from any at any time, but init and done (for which no thread may be in a call, nor just ending
 * if it has ever used the manager), and flip and reset, which what they reset must not overlap (arena.h, frame_arena.h).
 * The memory below must be thread-safe. After fork(2) the child has the manager as it was, if no other thread was in a
 * call of it or of its parts, or ending. Each manager takes two of the process's keys for thread data.
 *
 * Complexity: global, thread, frame O(1); arena O(arenas) under a lock, stack O(stacks of the thread): keep what you got.
 */
#ifndef RATION_KIT_MANAGER_H
#define RATION_KIT_MANAGER_H

#include <pthread.h>

#include <ration/kit/arena.h>
#include <ration/kit/frame_arena.h>
#include <ration/kit/heap.h>
#include <ration/kit/memory.h>
#include <ration/kit/stack.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ration_manager_settings {
  struct ration_heap_settings heap;
  struct ration_arena_settings frame;
  struct ration_arena_settings arena; /* of each that is made without settings of its own */
  struct ration_stack_settings stack;
  size_t arenas_most; /* the most names of arenas; 0: no maximum */
  size_t stacks_most; /* the most names of stacks, for each thread */
};

struct ration_manager_named_arena; /* private */
struct ration_manager_stacks;

/* Private. */
struct ration_manager {
  const struct ration_manager *self; /* its own address, once it is made */
  struct ration_memory *below;
  struct ration_manager_settings settings;
  struct ration_heap heap;
  struct ration_frame_arena frames;
  pthread_key_t key;
  pthread_mutex_t lock; /* recursive: of the two lists, and of the list of stacks of each thread */
  struct ration_manager_named_arena *arenas;
  struct ration_manager_stacks *threads; /* that have stacks */
  size_t arena_count;
};

/* What ration_manager_visit shows. `global` is not there: only its owner knows its figures. */
#define RATION_MANAGER_THREAD UINT32_C(0)
#define RATION_MANAGER_FRAME  UINT32_C(1)
#define RATION_MANAGER_ARENA  UINT32_C(2)
#define RATION_MANAGER_STACK  UINT32_C(3)
#define RATION_MANAGER_KINDS  4

struct ration_manager_part {
  uint32_t kind;
  uint32_t thread;  /* of a stack: a number that no two threads have that have stacks now; else 0 */
  const char *name; /* "" where there is none */
  struct ration_memory *memory;
  size_t used, reserved, high_water; /* as its kind counts them; high_water of the heap: 0 */
};

struct ration_manager_figures {
  struct {
    size_t parts, used, reserved;
  } kinds[RATION_MANAGER_KINDS]; /* by RATION_MANAGER_... */
  size_t used, reserved;         /* of all */
  uint64_t frame;                /* flips so far */
};

/* settings NULL: the defaults. -EINVAL: manager is NULL, or settings that a part refuses (-EOVERFLOW likewise); -ENOMEM;
   -ENOSPC: the process has no key left. */
int ration_manager_init(struct ration_manager *manager, struct ration_memory *memory,
                        const struct ration_manager_settings *settings);
void ration_manager_done(struct ration_manager *manager);

/* NULL and EINVAL: manager is NULL or not made. */
struct ration_memory *ration_manager_global(struct ration_manager *manager);
struct ration_memory *ration_manager_thread(struct ration_manager *manager);
struct ration_memory *ration_manager_frame(struct ration_manager *manager);

/* The arena of that name, which is made if there is none, by these settings or, NULL, the manager's. EINVAL: also a name
   that is NULL or empty, or what ration_arena_init refuses; ENOSPC: arenas_most are there; ENOMEM. */
struct ration_memory *ration_manager_arena(struct ration_manager *manager, const char *name);
struct ration_memory *ration_manager_arena_with(struct ration_manager *manager, const char *name,
                                                const struct ration_arena_settings *settings);

/* The same, but ENOENT where there is none. */
struct ration_memory *ration_manager_find_arena(struct ration_manager *manager, const char *name);

/* The calling thread's stack of that name; not for other threads. Errors as of arena, with stacks_most. */
struct ration_memory *ration_manager_stack(struct ration_manager *manager, const char *name);

/* The frame arena's next frame. -EINVAL. */
int ration_manager_flip(struct ration_manager *manager);

/* Resets all arenas, and the frame arena; stacks are their threads'. -EINVAL. */
int ration_manager_reset(struct ration_manager *manager);

/* Calls visit for each part: the heap, the frame arena, arenas, stacks. What visit returns, if it is not 0, ends it, and is
   returned. visit may call the manager, but not done; the part is valid during the call. -EINVAL. */
int ration_manager_visit(struct ration_manager *manager,
                         int (*visit)(const struct ration_manager_part *part, void *context), void *context);

/* The sums. -EINVAL. */
int ration_manager_stats(struct ration_manager *manager, struct ration_manager_figures *ret_figures);

/* For tests, while nothing is in a call: 1 if all parts are valid. */
int ration_manager_is_valid(struct ration_manager *manager);

#ifdef __cplusplus
}
#endif
#endif
