/*
 * new.c: operator new and delete, in all their variants.
 *
 * Each goes on to the next definition, which alone knows about new-handlers and std::bad_alloc; the exception
 * passes through the frames here, which have unwind tables and nothing to clean up (operators.c finds them).
 *
 * libstdc++'s and libc++'s call malloc and free, where the block is counted; all that is noted here is who asked
 * (track/caller.h). An allocator's own (jemalloc, tcmalloc, mimalloc) may go straight to its heap: then the block
 * is counted here, unless a call of malloc below has done so, which its tag shows.
 *
 * Where budgets may refuse, or blocks come from the page heap, an allocator's own operator is not asked: it would take its
 * block past the one or the other. Then it is the runtime's, which calls malloc, and knows how to go on where that refuses.
 *
 * Where the page heap has a block at hand, nobody is asked: a runtime's operator has a say only where there is none. Not so
 * where a library has operators of its own: it may count by them, or keep a pool.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "shim/operators.h"
#include "shim/surface.h"
#include "track/charging.h"
#include "track/paged.h"
#include "track/track.h"

static FAST_PATH void *new_fast(size_t size, uintptr_t first, enum operator_variant variant);
static FAST_PATH void delete_fast(void *block, uintptr_t first, uintptr_t second,
                                  enum operator_variant variant);
static FAST_PATH void *new_slow(size_t size, uintptr_t first, uintptr_t second, enum operator_variant variant,
                                uintptr_t caller);
static void *operator_new(enum operator_variant variant, size_t size, uintptr_t first, uintptr_t second,
                          struct asker asker);
static FAST_PATH void operator_delete(void *block, uintptr_t first, uintptr_t second,
                                      enum operator_variant variant);

/* The arguments after the first travel as words, whatever their types: see struct release. */
#define DEFINE_NEW(name, words, is_aligned)                                                                  \
  EXPORT void *name(size_t size, uintptr_t first, uintptr_t second);                                         \
  EXPORT void *name(size_t size, uintptr_t first, uintptr_t second) {                                        \
    return is_aligned ? new_slow(size, first, second, OPERATOR##name, CALLER)                                \
                      : new_fast(size, first, OPERATOR##name);                                               \
  }
#define DEFINE_DELETE(name, words, is_aligned)                                                               \
  EXPORT void name(void *block, uintptr_t first, uintptr_t second);                                          \
  EXPORT void name(void *block, uintptr_t first, uintptr_t second) {                                         \
    delete_fast(block, first, second, OPERATOR##name);                                                       \
  }
OPERATORS_NEW(DEFINE_NEW)
OPERATORS_DELETE(DEFINE_DELETE)

/*
 * As malloc's and free's fast paths, and by jumps alone: the caller of the exported function is this one's, which
 * has one word beside the size. Beside those: two instructions for the variant, two for whether nobody has operators of his own.
 */
static FAST_PATH void *new_fast(size_t size, uintptr_t first, enum operator_variant variant) {
  struct record *record = thread.record;
  struct ration_segment_tally *tallies = paged_tallies(record);
  uintptr_t caller = CALLER;
  int may_take = LIKELY(tallies != NULL) && LIKELY(operators_are_plain()) && LIKELY(size <= PAGED_SMALL_MOST);
  void *block = may_take ? paged_may_take_small(size, caller, record, tallies) : NULL;
  return LIKELY(block != NULL) ? heartbeat_if_due(block, size, caller, record)
                               : new_slow(size, first, 0, variant, caller);
}

static FAST_PATH void delete_fast(void *block, uintptr_t first, uintptr_t second,
                                  enum operator_variant variant) {
  if (UNLIKELY(!operators_are_plain()) || UNLIKELY(paged_may_give(block, thread.record) <= 0))
    operator_delete(block, first, second, variant);
}

static FAST_PATH void *new_slow(size_t size, uintptr_t first, uintptr_t second, enum operator_variant variant,
                                uintptr_t caller) {
  RETURN_ON_FRAME(operator_new(variant, size, first, second, ASKER_BY_JUMP(caller)));
}

ALWAYS_INLINE void *call_new(struct operator_definition definition, size_t size, uintptr_t first,
                             uintptr_t second) {
  if (definition.words == 0) return ((void *(*)(size_t))definition.function)(size);
  if (definition.words == 1) return ((void *(*)(size_t, uintptr_t))definition.function)(size, first);
  return ((void *(*)(size_t, uintptr_t, uintptr_t))definition.function)(size, first, second);
}

/* One variant may call another, or end in a jump to it: then the asker is who called the first. */
static int is_called_by_another(struct asker asker) {
  return caller_has_asker() &&
         (caller_is_in_runtime(asker.address) || caller_is_in(asker.address, &caller_shim));
}

/* An outer one may be open all the same: a new-handler that allocates runs within it. */
static void *call_new_for(struct operator_definition definition, size_t size, uintptr_t first,
                          uintptr_t second, struct asker asker) {
  uint32_t has_outer = (uint32_t)caller_has_asker();
  struct asker outer = thread.asker;
  thread.asker = asker;
  thread.has_asker = 1;
  thread_note_exception(thread.scope, 1);
  void *block = call_new(definition, size, first, second);
  thread.asker = outer;
  thread.has_asker = has_outer;
  thread_note_exception(thread.scope, has_outer);
  return block;
}

/* What the operators of every C++ runtime ask of the heap. */
static void *ask_heap(struct operator_definition definition, size_t size, uintptr_t alignment,
                      struct asker asker) {
  struct request request = {.kind = REQUEST_MALLOC, .size = size ? size : 1, .count = 1};
  if (definition.is_aligned) {
    request.kind = REQUEST_ALIGNED_ALLOC;
    request.alignment = alignment;
    request.size = (request.size + alignment - 1) & ~(alignment - 1);
    if (request.size < size) return NULL;
  }
  return track_allocate(request, asker, NULL);
}

/* In a program that had no C++ runtime when it started. */
static SLOW_PATH void *new_without_runtime(enum operator_variant variant, size_t size, uintptr_t first,
                                           uintptr_t second, struct asker asker) {
  int is_inner = is_called_by_another(asker); /* of a runtime that was found late: there is no memory */
  void *block = is_inner ? NULL : ask_heap(operators_definition(variant), size, first, asker);
  if (block) return block;
  struct operator_definition definition =
      operators_find_late(variant, is_inner ? thread.asker.address : asker.address);
  if (!definition.function) return NULL;
  return is_inner ? call_new(definition, size, first, second)
                  : call_new_for(definition, size, first, second, asker);
}

/* Without a runtime there is nobody to throw: such a program cannot catch either. */
static SLOW_PATH void *new_strictly(struct operator_definition definition, size_t size, uintptr_t first,
                                    uintptr_t second, struct asker asker) {
  if (!definition.runtimes) return ask_heap(definition, size, first, asker);
  definition.function = definition.runtimes;
  return is_called_by_another(asker) ? call_new(definition, size, first, second)
                                     : call_new_for(definition, size, first, second, asker);
}

/* What the fast path has not at hand. NULL: as it would be without. */
static void *new_paged(size_t size, struct asker asker) {
  struct record *record = thread.record;
  if (!paged_tallies(record) || !operators_are_plain()) return NULL;
  void *block = paged_may_take_refilled(size, asker.address, record);
  if (!block) block = paged_may_take_ahead(size, asker.address, record);
  if (block && UNLIKELY(heartbeat_is_due(thread.record)))
    heartbeat(block, &(struct birth){.requested = size, .asker = asker});
  return block;
}

static void *operator_new(enum operator_variant variant, size_t size, uintptr_t first, uintptr_t second,
                          struct asker asker) {
  struct operator_definition definition = operators_definition(variant);
  void *paged = definition.is_aligned ? NULL : new_paged(size, asker);
  if (paged) return paged;
  if (UNLIKELY(!definition.function)) return new_without_runtime(variant, size, first, second, asker);
  if (UNLIKELY(definition.is_allocators && (charging_is_strict() || heap_serves(thread.stock))))
    return new_strictly(definition, size, first, second, asker);
  if (is_called_by_another(asker)) return call_new(definition, size, first, second);
  uint32_t since = thread.counted;
  void *block = call_new_for(definition, size, first, second, asker);
  return definition.is_allocators && block ? track_count_given(block, size, asker, since) : block;
}

/* Plain ones do nothing with NULL, and what is the page heap's goes back to it. */
static int delete_paged(void *block) {
  return operators_are_plain() && paged_tallies(thread.record) && (!block || paged_may_give_any(block));
}

static FAST_PATH void operator_delete(void *block, uintptr_t first, uintptr_t second,
                                      enum operator_variant variant) {
  if (delete_paged(block)) return;
  struct operator_definition definition = operators_definition(variant);
  struct release release = {
      .function = definition.function, .words = definition.words, .first = first, .second = second};
  if (definition.function && !definition.is_allocators)
    release_take_back(block, release);
  else
    track_free(block, release);
}
