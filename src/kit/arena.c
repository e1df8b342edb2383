/*
 * arena.c: the list of an arena's blocks: to go on to another one, and to keep or give back what a reset leaves. All of
 * it under the lock of the arena; allocation itself is in the header and in arena_runs.c, and takes none.
 *
 *     first -> ... -> current -> kept -> kept
 *     in use .................   empty ......
 *
 * A request that would leave the new block with less room than the current one has (a large one, as a rule) gets its
 * block at the front of the list, and the current one stays.
 */
#include <ration/kit/arena.h>

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/atomics.h"
#include "kit/arena_runs.h"
#include "kit/fail.h"

#define BLOCK_BYTES     ((size_t)64 << 10)
#define BLOCK_ALIGNMENT ((size_t)64)
#define HEADER          BLOCK_ALIGNMENT
#define LOOKS_MOST      100 /* at figures, where a thread does not get on that is taking more meanwhile */

_Static_assert(sizeof(struct ration_arena_block) <= HEADER, "the header is before the first piece");

static const struct ration_memory_type type;
static uint64_t generations; /* handed out in the process so far */
static uint32_t arenas;      /* made in the process so far */

static int check_settings(const struct ration_arena_settings *settings);
static void *take(struct ration_arena *arena, struct ration_arena_block *block, size_t size,
                  size_t alignment);
static void *extend(struct ration_arena *arena, size_t size, size_t alignment);
static struct ration_arena_block *take_kept(struct ration_arena *arena, size_t size, size_t alignment);
static struct ration_arena_block *make_for(struct ration_arena *arena, size_t size, size_t alignment);
static struct ration_arena_block *make(struct ration_arena *arena, size_t needed, size_t wanted);
static size_t give_back_kept(struct ration_arena *arena);
static size_t give_back(struct ration_arena *arena, struct ration_arena_block *list);
static int look(struct ration_arena *arena, struct ration_arena_figures *ret_figures);
static int is_made(const struct ration_arena *arena);

/* 64 bits do not wrap: a generation that is over stays so. */
static uint64_t next_generation(void) {
  return add_relaxed(&generations, 1) + 1;
}

static size_t room_of(const struct ration_arena_block *block) {
  return (size_t)(block->end - load_relaxed(&block->free));
}

static size_t used_of(const struct ration_arena_block *block) {
  return (size_t)(load_acquire(&block->free) -
                  block->begin); /* pairs with extend() of arena_runs.c, take_room() */
}

int ration_arena_init(struct ration_arena *arena, struct ration_memory *memory,
                      const struct ration_arena_settings *settings) {
  struct ration_arena_settings set = settings ? *settings : (struct ration_arena_settings){0};
  if (!set.block_bytes) set.block_bytes = BLOCK_BYTES;
  int error = arena ? check_settings(&set) : -EINVAL;
  if (error) return error;
  struct ration_arena made = {.memory = {&type},
                              .generation = next_generation(),
                              .run_bytes = arena_runs_bytes(&set),
                              .is_private = set.is_private != 0,
                              .below = memory ? memory : ration_memory_system(),
                              .settings = set};
  if (made.run_bytes) made.slot = add_relaxed(&arenas, 1) % RATION_ARENA_SLOTS;
  if (set.is_fixed) {
    made.first = made.current = make(&made, set.block_bytes, set.block_bytes);
    if (!made.first) return -errno;
  }
  *arena = made;
  pthread_mutex_init(&arena->lock, NULL);
  return 0;
}

static int check_settings(const struct ration_arena_settings *settings) {
  if (settings->block_bytes > RATION_BYTES_MOST - HEADER) return -EOVERFLOW;
  if (settings->keep > RATION_ARENA_KEEP_ONE) return -EINVAL;
  return settings->bytes_most && settings->bytes_most < settings->block_bytes + HEADER ? -EINVAL : 0;
}

void ration_arena_done(struct ration_arena *arena) {
  if (!is_made(arena)) return;
  give_back(arena, arena->first);
  pthread_mutex_destroy(&arena->lock);
  memset(arena, 0, sizeof *arena);
}

void *ration_arena_allocate_slowly(struct ration_arena *arena, size_t size, size_t alignment) {
  int error = is_made(arena) ? ration_memory_check(size, alignment) : -EINVAL;
  if (error) return fail(error);
  /* Pairs with extend. */
  void *piece =
      arena->run_bytes ? arena_runs_take(arena, load_acquire(&arena->current), size, alignment, 0) : NULL;
  if (piece) return piece;
  pthread_mutex_lock(&arena->lock);
  piece = take(arena, arena->current, size,
               alignment); /* perhaps another than before: others wait for the lock, too */
  if (!piece) piece = extend(arena, size, alignment);
  pthread_mutex_unlock(&arena->lock);
  return piece;
}

/* With the lock held. NULL: the block, which may be none, has no room. */
static void *take(struct ration_arena *arena, struct ration_arena_block *block, size_t size,
                  size_t alignment) {
  if (arena->run_bytes) return arena_runs_take(arena, block, size, alignment, 1);
  return block ? ration_arena_bump(arena, block, size, alignment) : NULL;
}

/* A piece of another block, which becomes the current one unless that has more room. */
static void *extend(struct ration_arena *arena, size_t size, size_t alignment) {
  if (arena->settings.is_fixed) return fail(-ENOSPC);
  struct ration_arena_block *fresh = take_kept(arena, size, alignment), *current = arena->current;
  if (!fresh) fresh = make_for(arena, size, alignment);
  if (!fresh) return NULL;
  void *piece = take(arena, fresh, size, alignment); /* nobody else sees it yet */
  if (current && room_of(fresh) < room_of(current)) {
    fresh->next = arena->first;
    arena->first = fresh;
    return piece;
  }
  fresh->next = current ? current->next : arena->first;
  if (current)
    current->next = fresh;
  else
    arena->first = fresh;
  store_release(&arena->current, fresh); /* pairs with ration_arena_allocate_fast() */
  return piece;
}

/* The first of the kept blocks that has room for the request, out of the list. */
static struct ration_arena_block *take_kept(struct ration_arena *arena, size_t size, size_t alignment) {
  struct ration_arena_block **place = arena->current ? &arena->current->next : &arena->first;
  for (struct ration_arena_block *block; (block = *place); place = &block->next) {
    size_t room = room_of(block), padding = (size_t)(0 - (uintptr_t)block->begin) & (alignment - 1);
    if (size > room || padding > room - size) continue;
    *place = block->next;
    return block;
  }
  return NULL;
}

/* A new block for a request that no kept one has room for; where it is not to be had beside those, in their place. NULL
   and errno. */
static struct ration_arena_block *make_for(struct ration_arena *arena, size_t size, size_t alignment) {
  size_t needed = size + (alignment > BLOCK_ALIGNMENT ? alignment - BLOCK_ALIGNMENT : 0);
  size_t wanted = arena->next_bytes ? arena->next_bytes : arena->settings.block_bytes;
  if (wanted < needed) wanted = needed;
  int kept_errno = errno;
  struct ration_arena_block *block = make(arena, needed, wanted);
  if (!block && give_back_kept(arena)) {
    block = make(arena, needed, wanted);
    if (block) errno = kept_errno;
  }
  if (block) arena->next_bytes = 0;
  return block;
}

/* A block that holds `wanted` bytes, or `needed` where so many are not to be had; NULL and errno. */
static struct ration_arena_block *make(struct ration_arena *arena, size_t needed, size_t wanted) {
  size_t most = arena->settings.bytes_most ? arena->settings.bytes_most : SIZE_MAX,
         left = most - arena->reserved;
  if (wanted > RATION_BYTES_MOST - HEADER || wanted + HEADER > left) wanted = needed;
  if (wanted > RATION_BYTES_MOST - HEADER || wanted + HEADER > left) {
    errno = wanted > RATION_BYTES_MOST - HEADER ? ENOMEM : ENOSPC;
    return NULL;
  }
  int kept_errno = errno;
  struct ration_arena_block *block = ration_memory_allocate(arena->below, HEADER + wanted, BLOCK_ALIGNMENT);
  if (!block && wanted > needed) {
    wanted = needed;
    block = ration_memory_allocate(arena->below, HEADER + wanted, BLOCK_ALIGNMENT);
    if (block) errno = kept_errno;
  }
  if (!block) return NULL;
  char *begin = (char *)block + HEADER;
  *block = (struct ration_arena_block){.begin = begin, .free = begin, .end = begin + wanted};
  arena->reserved += HEADER + wanted;
  return block;
}

int ration_arena_reset(struct ration_arena *arena) {
  if (!is_made(arena)) return -EINVAL;
  pthread_mutex_lock(&arena->lock);
  struct ration_arena_block *kept = arena->current ? arena->current->next : NULL;
  size_t used = 0, held = 0;
  for (struct ration_arena_block *block = arena->first; block != kept; block = block->next) {
    used += used_of(block), held += (size_t)(block->end - block->begin);
    store_relaxed(&block->free, block->begin);
  }
  struct arena_runs_sum runs = arena_runs_sum(arena);
  used -= runs.held + runs.lost;
  if (used > arena->high_water) arena->high_water = used;
  if (arena->settings.keep == RATION_ARENA_KEEP_USED) give_back_kept(arena);
  if (arena->settings.keep == RATION_ARENA_KEEP_ONE && arena->first && arena->first->next) {
    give_back(arena, arena->first);
    arena->first = NULL;
    arena->next_bytes = held;
  }
  arena_runs_forget(arena);
  store_relaxed(&arena->current, arena->first); /* no allocation overlaps: nothing to order */
  store_relaxed(&arena->padding, 0);
  store_relaxed(&arena->generation, next_generation()); /* likewise, no use of a reference */
  arena->resets++;
  pthread_mutex_unlock(&arena->lock);
  return 0;
}

size_t ration_arena_trim(struct ration_arena *arena) {
  if (!is_made(arena) || arena->settings.is_fixed) return 0;
  pthread_mutex_lock(&arena->lock);
  int is_empty = arena->current == arena->first && (!arena->first || !used_of(arena->first));
  if (is_empty) store_relaxed(&arena->current, NULL); /* no allocation overlaps */
  size_t bytes = give_back_kept(arena);
  pthread_mutex_unlock(&arena->lock);
  return bytes;
}

/* Those after the current one. */
static size_t give_back_kept(struct ration_arena *arena) {
  struct ration_arena_block **place = arena->current ? &arena->current->next : &arena->first;
  struct ration_arena_block *kept = *place;
  *place = NULL;
  return give_back(arena, kept);
}

static size_t give_back(struct ration_arena *arena, struct ration_arena_block *list) {
  size_t bytes = 0;
  for (struct ration_arena_block *next; list; list = next) {
    next = list->next;
    size_t size = HEADER + (size_t)(list->end - list->begin);
    ration_memory_release(arena->below, list, size, BLOCK_ALIGNMENT);
    bytes += size;
  }
  arena->reserved -= bytes;
  return bytes;
}

int ration_arena_has(struct ration_arena *arena, const void *pointer) {
  if (!is_made(arena)) return 0;
  int is_in = 0;
  pthread_mutex_lock(&arena->lock);
  for (const struct ration_arena_block *block = arena->first; block && !is_in; block = block->next)
    is_in = (uintptr_t)pointer - (uintptr_t)block->begin < used_of(block);
  if (is_in) is_in = !arena_runs_hold(arena, pointer);
  pthread_mutex_unlock(&arena->lock);
  return is_in;
}

int ration_arena_stats(struct ration_arena *arena, struct ration_arena_figures *ret_figures) {
  if (!is_made(arena) || !ret_figures) return -EINVAL;
  struct ration_arena_figures found;
  int is_sure = 0;
  for (int tries = 0; !is_sure && tries <= LOOKS_MOST; tries++) {
    if (tries > 0) sched_yield(); /* not with the lock, which others may need for a block */
    pthread_mutex_lock(&arena->lock);
    is_sure = look(arena, &found);
    pthread_mutex_unlock(&arena->lock);
  }
  *ret_figures = found;
  return 0;
}

/* 1 if no run took more of a block meanwhile, which would count as used. */
static int look(struct ration_arena *arena, struct ration_arena_figures *ret_figures) {
  struct arena_runs_sum runs = arena_runs_sum(arena);
  struct ration_arena_figures found = {.padding = runs.padding + load_relaxed(&arena->padding), /* a word */
                                       .ends = runs.lost,
                                       .held = runs.held,
                                       .reserved = arena->reserved,
                                       .high_water = arena->high_water,
                                       .resets = arena->resets,
                                       .generation = arena->generation};
  int is_passed = 1;
  for (const struct ration_arena_block *block = arena->first; block; block = block->next) {
    if (block == arena->current) is_passed = 0;
    found.used += used_of(block), found.blocks++;
    if (is_passed) found.ends += room_of(block);
  }
  found.used -= runs.held + runs.lost < found.used ? runs.held + runs.lost : found.used;
  if (found.used > found.high_water) found.high_water = found.used;
  found.used -= found.padding < found.used ? found.padding : found.used;
  *ret_figures = found;
  return arena_runs_are_as(arena, &runs);
}

struct ration_arena *ration_arena_of(struct ration_memory *memory) {
  return memory && memory->type == &type ? (struct ration_arena *)(void *)memory : NULL;
}

static int is_made(const struct ration_arena *arena) {
  return arena && arena->memory.type == &type;
}

int ration_arena_is_valid(struct ration_arena *arena) {
  if (!is_made(arena)) return 0;
  size_t reserved = 0, blocks = 0;
  int is_kept = !arena->current, has_current = !arena->current;
  for (const struct ration_arena_block *block = arena->first; block; block = block->next) {
    if (block->begin > block->free || block->free > block->end) return 0;
    if (is_kept && block->free != block->begin) return 0;
    if (block == arena->current) has_current = is_kept = 1;
    reserved += HEADER + (size_t)(block->end - block->begin), blocks++;
  }
  if (!has_current || reserved != arena->reserved || !arena->generation) return 0;
  if (arena->settings.is_fixed && blocks != 1) return 0;
  if (!arena_runs_are_valid(arena)) return 0;
  return !arena->settings.bytes_most || reserved <= arena->settings.bytes_most;
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  return ration_arena_allocate((struct ration_arena *)(void *)memory, size, alignment);
}

/* The newest piece's end moves, if nobody took what is behind it. Relaxed, as in ration_arena_bump(). */
static int grow(const struct ration_arena *arena, struct ration_arena_block *block, char *end, size_t more) {
  /* No piece ends where a block begins: its header is before that. */
  if (load_relaxed(&block->free) != end || more > (size_t)(block->end - end)) return 0;
  if (!arena->is_private) return cas_relaxed(&block->free, &end, end + more);
  store_relaxed(&block->free, end + more);
  return 1;
}

/* In place where the block is the newest, of the calling thread's run or of all, and has room behind it, or shrinks. */
static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_arena *arena = (struct ration_arena *)(void *)memory;
  if (new_size <= size) return block;
  /* Pairs with extend. */
  struct ration_arena_block *current = load_acquire(&arena->current);
  char *end = (char *)block + size;
  if (arena->run_bytes && arena_runs_grow(arena, current, end, new_size - size)) return block;
  if (current && grow(arena, current, end, new_size - size)) return block;
  void *moved = ration_arena_allocate(arena, new_size, alignment);
  return moved ? memcpy(moved, block, size) : NULL;
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  (void)memory, (void)block, (void)size, (void)alignment;
  return 0;
}

static const struct ration_memory_type type = {
    .name = "arena", .allocate = allocate, .reallocate = reallocate, .release = release};
