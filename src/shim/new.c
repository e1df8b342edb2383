/*
 * new.c: operator new and delete, in all their variants.
 *
 * Each goes on to the next definition, which alone knows about new-handlers and std::bad_alloc; the exception
 * passes through the frames here, which have unwind tables and nothing to clean up. It is looked up when
 * first needed: a C program may load its C++ runtime with dlopen.
 *
 * libstdc++'s and libc++'s call malloc and free, where the block is counted; all that is noted here is who
 * asked (track/caller.h). An allocator's own (jemalloc, tcmalloc, mimalloc) may go straight to its heap: then
 * the block is counted here, unless a call of malloc below has done so, which its tag shows.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "os/module.h"
#include "shim/surface.h"
#include "track/slab.h"
#include "track/track.h"

/* A variant and its next definition. */
struct variant {
  const char *name;
  unsigned words;    /* after the size, or the address */
  void *function;    /* NULL: not looked up yet */
  int is_allocators; /* it comes from the library of the next malloc */
};

static void *operator_new(struct variant *variant, size_t size, uintptr_t first, uintptr_t second,
                          uintptr_t caller);
static void operator_delete(struct variant *variant, void *block, uintptr_t first, uintptr_t second);

#define NEW(name, words)                                                                                     \
  EXPORT void *name(size_t size, uintptr_t first, uintptr_t second);                                         \
  EXPORT void *name(size_t size, uintptr_t first, uintptr_t second) {                                        \
    static struct variant variant = {#name, words, NULL, 0};                                                 \
    return operator_new(&variant, size, first, second, CALLER);                                              \
  }

#define DELETE(name, words)                                                                                  \
  EXPORT void name(void *block, uintptr_t first, uintptr_t second);                                          \
  EXPORT void name(void *block, uintptr_t first, uintptr_t second) {                                         \
    static struct variant variant = {#name, words, NULL, 0};                                                 \
    operator_delete(&variant, block, first, second);                                                         \
  }

NEW(_Znwm, 0)
NEW(_Znam, 0)
NEW(_ZnwmRKSt9nothrow_t, 1)
NEW(_ZnamRKSt9nothrow_t, 1)
NEW(_ZnwmSt11align_val_t, 1)
NEW(_ZnamSt11align_val_t, 1)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, 2)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, 2)

DELETE(_ZdlPv, 0)
DELETE(_ZdaPv, 0)
DELETE(_ZdlPvm, 1)
DELETE(_ZdaPvm, 1)
DELETE(_ZdlPvRKSt9nothrow_t, 1)
DELETE(_ZdaPvRKSt9nothrow_t, 1)
DELETE(_ZdlPvSt11align_val_t, 1)
DELETE(_ZdaPvSt11align_val_t, 1)
DELETE(_ZdlPvmSt11align_val_t, 2)
DELETE(_ZdaPvmSt11align_val_t, 2)
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, 2)
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, 2)

static SLOW_PATH void look_up(struct variant *variant) {
  struct record *record = thread_go_inside();
  void *found = next_find(variant->name);
  if (!found) found = next_find_in_runtime(variant->name);
  const void *next_malloc = next_find("malloc"); /* `next` may not be filled yet */
  thread_come_out(record);
  if (!found) return;
  variant->is_allocators = module_handle(found) == module_handle(next_malloc);
  caller_set_runtime(found);
  store_release(&variant->function, found); /* pairs with next_definition */
}

ALWAYS_INLINE void *next_definition(struct variant *variant) {
  if (UNLIKELY(!load_acquire(&variant->function))) look_up(variant); /* pairs with look_up */
  return variant->function;
}

/* The arguments travel as words: see struct release. */
ALWAYS_INLINE void *call_new(void *function, unsigned words, size_t size, uintptr_t first, uintptr_t second) {
  if (words == 0) return ((void *(*)(size_t))function)(size);
  if (words == 1) return ((void *(*)(size_t, uintptr_t))function)(size, first);
  return ((void *(*)(size_t, uintptr_t, uintptr_t))function)(size, first, second);
}

/* In a thread that has no slab: it may have called nothing but operator new. */
static SLOW_PATH int may_count(void *block, size_t size) {
  int kept_errno = errno;
  int is_tracked = !thread.inside && process_ready() == PROCESS_TRACKING && process_measure(block, size) == 0;
  if (is_tracked) slab_ready();
  errno = kept_errno;
  return is_tracked;
}

static void *operator_new(struct variant *variant, size_t size, uintptr_t first, uintptr_t second,
                          uintptr_t caller) {
  void *function = next_definition(variant);
  /* No C++ runtime at all: there is nobody to throw, and whoever calls got this far without one. */
  if (UNLIKELY(!function))
    return track_allocate((struct request){.kind = REQUEST_MALLOC, .size = size, .count = 1}, caller, NULL);
  int is_inner =
      thread.has_asker && (caller_is_in(caller, &caller_runtime) || caller_is_in(caller, &caller_shim));
  uintptr_t outer = is_inner ? thread.asker : 0; /* one variant calls another */
  thread.asker = outer ? outer : caller;
  thread.has_asker = 1;
  thread_note_exception(thread.scope, 1);
  void *block = call_new(function, variant->words, size, first, second);
  uintptr_t asker = thread.asker;
  thread.asker = outer;
  thread.has_asker = outer != 0;
  thread_note_exception(thread.scope, outer != 0);
  if (variant->is_allocators && block && (slab_is_ready() || may_count(block, size)))
    track_count(block, size, asker);
  return block;
}

static void operator_delete(struct variant *variant, void *block, uintptr_t first, uintptr_t second) {
  void *function = next_definition(variant);
  struct release release = {.function = function, .words = variant->words, .first = first, .second = second};
  if (function && !variant->is_allocators)
    release_take_back(block, release);
  else
    track_free(block, release);
}
