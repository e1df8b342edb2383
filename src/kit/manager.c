/*
 * manager.c: names for arenas and stacks, and figures of all. New ones go to the front of their list, so whoever walks
 * it (under the lock) may add to it.
 */
#include <ration/kit/manager.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "kit/fail.h"

struct ration_manager_named_arena {
  struct ration_manager_named_arena *next;
  uint64_t hash;
  struct ration_arena arena;
  size_t bytes; /* of all this */
  char name[];
};

struct named_stack {
  struct named_stack *next;
  uint64_t hash;
  struct ration_stack stack;
  size_t bytes;
  char name[];
};

/* Of one thread. It alone adds stacks, so it alone may walk them without the lock. */
struct ration_manager_stacks {
  struct ration_manager_stacks *previous, *next;
  struct ration_manager *manager;
  struct named_stack *stacks;
  size_t stack_count;
  uint32_t number;
};

static int init_parts(struct ration_manager *manager, const struct ration_manager_settings *settings);
static int init_lock(pthread_mutex_t *lock);
static struct ration_manager_named_arena *find(const struct ration_manager *manager, const char *name);
static struct ration_manager_named_arena *add_arena(struct ration_manager *manager, const char *name,
                                                    const struct ration_arena_settings *settings);
static struct ration_manager_stacks *find_thread(struct ration_manager *manager);
static struct named_stack *add_stack(struct ration_manager_stacks *thread, const char *name);
static void end_thread(void *thread);

static int is_made(const struct ration_manager *manager) {
  return manager && manager->self == manager;
}

int ration_manager_init(struct ration_manager *manager, struct ration_memory *memory,
                        const struct ration_manager_settings *settings) {
  static const struct ration_manager_settings defaults;
  if (!manager) return -EINVAL;
  struct ration_manager before; /* on failure, all is as it was */
  memcpy(&before, manager, sizeof before);
  memset(manager, 0, sizeof *manager);
  manager->below = memory ? memory : ration_memory_system();
  int error = init_parts(manager, settings ? settings : &defaults);
  if (error)
    memcpy(manager, &before, sizeof before);
  else
    manager->self = manager;
  return error;
}

/* What the parts refuse, they refuse here: an arena and a stack are tried out. */
static int init_parts(struct ration_manager *manager, const struct ration_manager_settings *settings) {
  struct ration_arena arena;
  struct ration_stack stack;
  manager->settings = *settings;
  int error = ration_arena_init(&arena, manager->below, &settings->arena);
  if (!error) ration_arena_done(&arena);
  if (!error) error = ration_stack_init(&stack, manager->below, &settings->stack);
  if (!error) ration_stack_done(&stack);
  if (!error) error = ration_heap_init(&manager->heap, manager->below, &settings->heap);
  if (error) return error;
  error = ration_frame_arena_init(&manager->frames, manager->below, &settings->frame);
  if (!error) error = init_lock(&manager->lock);
  if (!error && !pthread_key_create(&manager->key, end_thread)) return 0;
  if (!error) pthread_mutex_destroy(&manager->lock), error = -ENOSPC;
  ration_frame_arena_done(&manager->frames);
  ration_heap_done(&manager->heap);
  return error;
}

static int init_lock(pthread_mutex_t *lock) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  int error = pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error ? -ENOMEM : 0;
}

void ration_manager_done(struct ration_manager *manager) {
  if (!is_made(manager)) return;
  pthread_key_delete(manager->key);
  while (manager->threads) end_thread(manager->threads);
  for (struct ration_manager_named_arena *arena = manager->arenas, *next; arena; arena = next) {
    next = arena->next;
    ration_arena_done(&arena->arena);
    ration_memory_release(manager->below, arena, arena->bytes, _Alignof(struct ration_manager_named_arena));
  }
  ration_frame_arena_done(&manager->frames);
  ration_heap_done(&manager->heap);
  pthread_mutex_destroy(&manager->lock);
  memset(manager, 0, sizeof *manager);
}

struct ration_memory *ration_manager_global(struct ration_manager *manager) {
  return is_made(manager) ? manager->below : fail(-EINVAL);
}

struct ration_memory *ration_manager_thread(struct ration_manager *manager) {
  return is_made(manager) ? &manager->heap.memory : fail(-EINVAL);
}

struct ration_memory *ration_manager_frame(struct ration_manager *manager) {
  return is_made(manager) ? &manager->frames.memory : fail(-EINVAL);
}

struct ration_memory *ration_manager_arena(struct ration_manager *manager, const char *name) {
  return ration_manager_arena_with(manager, name, NULL);
}

struct ration_memory *ration_manager_arena_with(struct ration_manager *manager, const char *name,
                                                const struct ration_arena_settings *settings) {
  if (!is_made(manager) || !name || !*name) return fail(-EINVAL);
  pthread_mutex_lock(&manager->lock);
  struct ration_manager_named_arena *arena = find(manager, name);
  if (!arena) arena = add_arena(manager, name, settings ? settings : &manager->settings.arena);
  pthread_mutex_unlock(&manager->lock);
  return arena ? &arena->arena.memory : NULL;
}

struct ration_memory *ration_manager_find_arena(struct ration_manager *manager, const char *name) {
  if (!is_made(manager) || !name || !*name) return fail(-EINVAL);
  pthread_mutex_lock(&manager->lock);
  struct ration_manager_named_arena *arena = find(manager, name);
  pthread_mutex_unlock(&manager->lock);
  return arena ? &arena->arena.memory : fail(-ENOENT);
}

static struct ration_manager_named_arena *find(const struct ration_manager *manager, const char *name) {
  uint64_t hash = hash_bytes(name, strlen(name));
  struct ration_manager_named_arena *arena = manager->arenas;
  while (arena && (arena->hash != hash || strcmp(arena->name, name) != 0)) arena = arena->next;
  return arena;
}

/* Under the lock. NULL and errno. */
static struct ration_manager_named_arena *add_arena(struct ration_manager *manager, const char *name,
                                                    const struct ration_arena_settings *settings) {
  size_t most = manager->settings.arenas_most, length = strlen(name);
  size_t bytes = offsetof(struct ration_manager_named_arena, name) + length + 1;
  if (most && manager->arena_count >= most) return fail(-ENOSPC);
  struct ration_manager_named_arena *arena =
      ration_memory_allocate(manager->below, bytes, _Alignof(struct ration_manager_named_arena));
  if (!arena) return NULL;
  int error = ration_arena_init(&arena->arena, manager->below, settings);
  if (error) {
    ration_memory_release(manager->below, arena, bytes, _Alignof(struct ration_manager_named_arena));
    return fail(error);
  }
  arena->hash = hash_bytes(name, length);
  arena->bytes = bytes;
  memcpy(arena->name, name, length + 1);
  arena->next = manager->arenas;
  manager->arenas = arena;
  manager->arena_count++;
  return arena;
}

struct ration_memory *ration_manager_stack(struct ration_manager *manager, const char *name) {
  if (!is_made(manager) || !name || !*name) return fail(-EINVAL);
  struct ration_manager_stacks *thread = find_thread(manager);
  if (!thread) return NULL;
  uint64_t hash = hash_bytes(name, strlen(name));
  struct named_stack *stack = thread->stacks;
  while (stack && (stack->hash != hash || strcmp(stack->name, name) != 0)) stack = stack->next;
  if (!stack) stack = add_stack(thread, name);
  return stack ? &stack->stack.memory : NULL;
}

/* NULL and errno. */
static struct ration_manager_stacks *find_thread(struct ration_manager *manager) {
  struct ration_manager_stacks *thread = pthread_getspecific(manager->key);
  if (thread) return thread;
  thread = ration_memory_allocate(manager->below, sizeof *thread, _Alignof(struct ration_manager_stacks));
  if (!thread) return NULL;
  if (pthread_setspecific(manager->key, thread)) {
    ration_memory_release(manager->below, thread, sizeof *thread, _Alignof(struct ration_manager_stacks));
    return fail(-ENOMEM);
  }
  pthread_mutex_lock(&manager->lock);
  uint32_t number = 1; /* the smallest that is free: there are few threads, and this is once for each */
  for (const struct ration_manager_stacks *other = manager->threads; other;)
    if (other->number == number)
      number++, other = manager->threads;
    else
      other = other->next;
  *thread = (struct ration_manager_stacks){.next = manager->threads, .manager = manager, .number = number};
  if (thread->next) thread->next->previous = thread;
  manager->threads = thread;
  pthread_mutex_unlock(&manager->lock);
  return thread;
}

/* NULL and errno. */
static struct named_stack *add_stack(struct ration_manager_stacks *thread, const char *name) {
  struct ration_manager *manager = thread->manager;
  size_t most = manager->settings.stacks_most, length = strlen(name);
  size_t bytes = offsetof(struct named_stack, name) + length + 1;
  if (most && thread->stack_count >= most) return fail(-ENOSPC);
  struct named_stack *stack = ration_memory_allocate(manager->below, bytes, _Alignof(struct named_stack));
  if (!stack) return NULL;
  int error = ration_stack_init(&stack->stack, manager->below, &manager->settings.stack);
  if (error) {
    ration_memory_release(manager->below, stack, bytes, _Alignof(struct named_stack));
    return fail(error);
  }
  stack->hash = hash_bytes(name, length);
  stack->bytes = bytes;
  memcpy(stack->name, name, length + 1);
  pthread_mutex_lock(&manager->lock);
  stack->next = thread->stacks;
  thread->stacks = stack;
  thread->stack_count++;
  pthread_mutex_unlock(&manager->lock);
  return stack;
}

/* At the end of the thread, or by done. */
static void end_thread(void *argument) {
  struct ration_manager_stacks *thread = argument;
  struct ration_manager *manager = thread->manager;
  pthread_mutex_lock(&manager->lock);
  if (thread->next) thread->next->previous = thread->previous;
  if (thread->previous)
    thread->previous->next = thread->next;
  else
    manager->threads = thread->next;
  pthread_mutex_unlock(&manager->lock);
  for (struct named_stack *stack = thread->stacks, *next; stack; stack = next) {
    next = stack->next;
    ration_stack_done(&stack->stack);
    ration_memory_release(manager->below, stack, stack->bytes, _Alignof(struct named_stack));
  }
  ration_memory_release(manager->below, thread, sizeof *thread, _Alignof(struct ration_manager_stacks));
}

int ration_manager_flip(struct ration_manager *manager) {
  return is_made(manager) ? ration_frame_arena_flip(&manager->frames) : -EINVAL;
}

int ration_manager_reset(struct ration_manager *manager) {
  if (!is_made(manager)) return -EINVAL;
  pthread_mutex_lock(&manager->lock);
  for (struct ration_manager_named_arena *arena = manager->arenas; arena; arena = arena->next)
    ration_arena_reset(&arena->arena);
  pthread_mutex_unlock(&manager->lock);
  return ration_frame_arena_reset(&manager->frames);
}

static int visit_shared(struct ration_manager *manager,
                        int (*visit)(const struct ration_manager_part *part, void *context), void *context) {
  struct ration_heap_figures heap;
  ration_heap_stats(&manager->heap, &heap);
  struct ration_manager_part part = {.kind = RATION_MANAGER_THREAD,
                                     .name = "",
                                     .memory = &manager->heap.memory,
                                     .used = heap.used_bytes,
                                     .reserved = heap.reserved + heap.large_bytes};
  int ended = visit(&part, context);
  if (ended) return ended;
  struct ration_frame_arena_figures frames;
  ration_frame_arena_stats(&manager->frames, &frames);
  const struct ration_arena_figures *current = &frames.current, *last = &frames.last;
  part = (struct ration_manager_part){
      .kind = RATION_MANAGER_FRAME,
      .name = "",
      .memory = &manager->frames.memory,
      .used = current->used + last->used,
      .reserved = current->reserved + last->reserved,
      .high_water = current->high_water > last->high_water ? current->high_water : last->high_water};
  return visit(&part, context);
}

static int visit_arenas(struct ration_manager *manager,
                        int (*visit)(const struct ration_manager_part *part, void *context), void *context) {
  int ended = 0;
  for (struct ration_manager_named_arena *arena = manager->arenas; arena && !ended; arena = arena->next) {
    struct ration_arena_figures found;
    ration_arena_stats(&arena->arena, &found);
    struct ration_manager_part part = {.kind = RATION_MANAGER_ARENA,
                                       .name = arena->name,
                                       .memory = &arena->arena.memory,
                                       .used = found.used,
                                       .reserved = found.reserved,
                                       .high_water = found.high_water};
    ended = visit(&part, context);
  }
  return ended;
}

static int visit_stacks(struct ration_manager *manager,
                        int (*visit)(const struct ration_manager_part *part, void *context), void *context) {
  int ended = 0;
  for (struct ration_manager_stacks *thread = manager->threads; thread && !ended; thread = thread->next)
    for (struct named_stack *stack = thread->stacks; stack && !ended; stack = stack->next) {
      struct ration_stack_figures found;
      ration_stack_stats(&stack->stack, &found);
      struct ration_manager_part part = {.kind = RATION_MANAGER_STACK,
                                         .thread = thread->number,
                                         .name = stack->name,
                                         .memory = &stack->stack.memory,
                                         .used = found.used,
                                         .reserved = found.reserved,
                                         .high_water = found.high_water};
      ended = visit(&part, context);
    }
  return ended;
}

int ration_manager_visit(struct ration_manager *manager,
                         int (*visit)(const struct ration_manager_part *part, void *context), void *context) {
  if (!is_made(manager) || !visit) return -EINVAL;
  int ended = visit_shared(manager, visit, context);
  pthread_mutex_lock(&manager->lock);
  if (!ended) ended = visit_arenas(manager, visit, context);
  if (!ended) ended = visit_stacks(manager, visit, context);
  pthread_mutex_unlock(&manager->lock);
  return ended;
}

static int add(const struct ration_manager_part *part, void *context) {
  struct ration_manager_figures *sum = context;
  sum->kinds[part->kind].parts++;
  sum->kinds[part->kind].used += part->used;
  sum->kinds[part->kind].reserved += part->reserved;
  sum->used += part->used;
  sum->reserved += part->reserved;
  return 0;
}

int ration_manager_stats(struct ration_manager *manager, struct ration_manager_figures *ret_figures) {
  if (!is_made(manager) || !ret_figures) return -EINVAL;
  struct ration_manager_figures sum = {.frame = 0};
  struct ration_frame_arena_figures frames;
  ration_frame_arena_stats(&manager->frames, &frames);
  sum.frame = frames.frame;
  ration_manager_visit(manager, add, &sum);
  *ret_figures = sum;
  return 0;
}

int ration_manager_is_valid(struct ration_manager *manager) {
  if (!is_made(manager) || !ration_heap_is_valid(&manager->heap) ||
      !ration_frame_arena_is_valid(&manager->frames))
    return 0;
  size_t arenas = 0;
  for (struct ration_manager_named_arena *arena = manager->arenas; arena; arena = arena->next, arenas++)
    if (!ration_arena_is_valid(&arena->arena) || find(manager, arena->name) != arena) return 0;
  for (struct ration_manager_stacks *thread = manager->threads; thread; thread = thread->next) {
    size_t stacks = 0;
    for (struct named_stack *stack = thread->stacks; stack; stack = stack->next, stacks++)
      if (!ration_stack_is_valid(&stack->stack)) return 0;
    if (stacks != thread->stack_count || thread->manager != manager || !thread->number) return 0;
  }
  return arenas == manager->arena_count;
}
