/*
 * debug.c: what is held against each call, and the way of a block: live, quarantined, given back below. The records are
 * those of debug_books.h.
 */
#include <ration/kit/debug.h>

#include <errno.h>
#include <execinfo.h>
#include <string.h>

#include <ration/kit/stack.h>

#include "base/compiler.h"
#include "kit/debug_books.h"
#include "kit/fail.h"

#define OWN_FRAMES 6 /* at most, between backtrace and the call into this library */

static const struct ration_memory_type type;

/* One call into the wrapper. */
struct call {
  size_t size, alignment;
  struct ration_debug_site here;
};

static void take_site(const struct ration_debug *debug, const void *caller,
                      struct ration_debug_site *ret_site);
static void *give_out(struct ration_debug *debug, const struct call *call);
static int take_back(struct ration_debug *debug, void *block, const struct call *call);
static int find_live(struct ration_debug *debug, void *block, const struct call *call,
                     struct ration_debug_record **ret_record);
static int quarantine(struct ration_debug *debug, struct ration_debug_record *record);
static int release_below(struct ration_debug *debug, struct ration_debug_record *record);
static void *regrow(struct ration_debug *debug, struct ration_debug_record *record, size_t size,
                    const struct call *call);
static int report(struct ration_debug *debug, int error, const char *text, void *block,
                  const struct ration_debug_record *record, const struct call *call, ptrdiff_t offset);
static int check(struct ration_debug *debug, struct ration_debug_record *record, const struct call *call,
                 struct ration_debug_fault *ret_fault);

static int is_made(const struct ration_debug *debug) {
  return debug && debug->memory.type == &type;
}

static struct ration_debug *debug_of(struct ration_memory *memory) {
  return (struct ration_debug *)(void *)memory;
}

/* A callback that calls the wrapper has the lock already. */
static int enter(struct ration_debug *debug) {
  return pthread_mutex_lock(&debug->lock) ? -EBUSY : 0;
}

static void leave(struct ration_debug *debug) {
  pthread_mutex_unlock(&debug->lock);
}

int ration_debug_init(struct ration_debug *debug, struct ration_memory *memory,
                      const struct ration_debug_settings *settings) {
  struct ration_debug_settings set = settings ? *settings : (struct ration_debug_settings){0};
  if (!debug) return -EINVAL;
  if (set.frames > RATION_DEBUG_FRAMES && set.frames != RATION_DEBUG_NO_FRAMES) return -EINVAL;
  set.frames = set.frames == RATION_DEBUG_NO_FRAMES ? 0 : set.frames ? set.frames : RATION_DEBUG_FRAMES;
  set.quarantine = set.quarantine == RATION_DEBUG_NO_QUARANTINE ? 0
                   : set.quarantine                             ? set.quarantine
                                                                : RATION_DEBUG_QUARANTINE;
  if (!set.quarantine_bytes) set.quarantine_bytes = RATION_DEBUG_QUARANTINE_BYTES;
  memset(debug, 0, sizeof *debug);
  debug->memory.type = &type;
  debug->below = memory ? memory : ration_memory_system();
  debug->is_stack = ration_stack_of(debug->below) != NULL;
  const struct ration_debug *inner = ration_debug_of(debug->below);
  set.is_ordered = set.is_ordered || debug->is_stack || (inner && inner->settings.is_ordered);
  debug->settings = set;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&debug->lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return 0;
}

/* The newest first: as a stack below needs it. */
void ration_debug_done(struct ration_debug *debug) {
  if (!is_made(debug) || enter(debug)) return;
  for (struct ration_debug_list *list = &debug->released; list;
       list = list == &debug->live ? NULL : &debug->live)
    for (struct ration_debug_record *record; (record = list->last);) {
      if (record->is_held) {
        check(debug, record, NULL, NULL);
        release_below(debug, record);
      }
      books_remove(debug, record);
      books_unmake(debug, record);
    }
  books_done(debug);
  leave(debug);
  pthread_mutex_destroy(&debug->lock);
  memset(debug, 0, sizeof *debug);
}

static void *allocate(struct ration_memory *memory, size_t size, size_t alignment) {
  struct ration_debug *debug = debug_of(memory);
  struct call call = {.size = size, .alignment = alignment};
  take_site(debug, __builtin_return_address(0), &call.here);
  if (enter(debug)) return fail(-EBUSY);
  void *block = give_out(debug, &call);
  leave(debug);
  return block;
}

static int release(struct ration_memory *memory, void *block, size_t size, size_t alignment) {
  struct ration_debug *debug = debug_of(memory);
  struct call call = {.size = size, .alignment = alignment};
  take_site(debug, __builtin_return_address(0), &call.here);
  if (enter(debug)) return -EBUSY;
  int error = take_back(debug, block, &call);
  leave(debug);
  return error;
}

/* To another place, always, so that who kept the old address is found out; in place only where order matters. */
static void *reallocate(struct ration_memory *memory, void *block, size_t size, size_t new_size,
                        size_t alignment) {
  struct ration_debug *debug = debug_of(memory);
  struct call call = {.size = size, .alignment = alignment};
  struct ration_debug_record *record;
  void *moved = NULL;
  take_site(debug, __builtin_return_address(0), &call.here);
  if (enter(debug)) return fail(-EBUSY);
  int error = find_live(debug, block, &call, &record);
  if (!error && debug->settings.is_ordered) {
    moved = regrow(debug, record, new_size, &call);
  } else if (!error) {
    struct call asked = call;
    asked.size = new_size;
    moved = give_out(debug, &asked);
    if (moved) memcpy(moved, block, size < new_size ? size : new_size);
    if (moved) record->released = call.here;
    if (moved) quarantine(debug, record);
  }
  leave(debug);
  return error ? fail(error) : moved;
}

static const struct ration_memory_type type = {
    .name = "debug", .allocate = allocate, .reallocate = reallocate, .release = release};

/* The frames from the caller on; all, if it is not among them. */
static void take_site(const struct ration_debug *debug, const void *caller,
                      struct ration_debug_site *ret_site) {
  ret_site->count = 0;
  if (!debug->settings.frames) return;
  void *frames[RATION_DEBUG_FRAMES + OWN_FRAMES];
  int kept_errno = errno;
  int count = backtrace(frames, (int)debug->settings.frames + OWN_FRAMES), first = 0;
  errno = kept_errno;
  while (first < count && frames[first] != caller) first++;
  if (first == count) first = 0;
  while (first < count && ret_site->count < debug->settings.frames)
    ret_site->frames[ret_site->count++] = frames[first++];
}

/* NULL and errno. */
static void *give_out(struct ration_debug *debug, const struct call *call) {
  if (call->size > RATION_BYTES_MOST - books_front(call->alignment) - RATION_DEBUG_GUARD)
    return fail(-ENOMEM);
  struct ration_debug_record *record = books_make(debug);
  if (!record) return NULL;
  size_t bytes = books_bytes(call->size, call->alignment);
  char *outer = ration_memory_allocate(debug->below, bytes, call->alignment);
  if (!outer) {
    books_unmake(debug, record);
    return NULL;
  }
  record->block = outer + books_front(call->alignment);
  record->size = call->size;
  record->alignment = call->alignment;
  record->serial = ++debug->serial;
  record->is_held = 1;
  record->allocated = call->here;
  books_guard(record);
  memset(record->block, RATION_DEBUG_NEW, record->size);
  books_add(debug, record);
  return record->block;
}

static int take_back(struct ration_debug *debug, void *block, const struct call *call) {
  struct ration_debug_record *record;
  int error = find_live(debug, block, call, &record);
  if (error) return error;
  record->released = call->here;
  error = quarantine(debug, record);
  if (error) report(debug, error, "refused by the memory below", block, record, call, 0);
  return error;
}

/* The record of a live block that is given back as it was asked for, and whole; else what is wrong, reported. */
static int find_live(struct ration_debug *debug, void *block, const struct call *call,
                     struct ration_debug_record **ret_record) {
  struct ration_debug_record *record = books_find(debug, block);
  if (!record) {
    record = books_around(debug, block);
    return report(debug, -EFAULT, record ? "within a block" : "never given out", block, record, call, 0);
  }
  if (record->is_released) return report(debug, -EALREADY, "released already", block, record, call, 0);
  if (record->size != call->size) return report(debug, -EINVAL, "another size", block, record, call, 0);
  if (record->alignment != call->alignment)
    return report(debug, -EINVAL, "another alignment", block, record, call, 0);
  int error = check(debug, record, call, NULL);
  if (!error) *ret_record = record;
  return error;
}

/* The block is released, and the oldest of those that were is given back if there are too many. */
static int quarantine(struct ration_debug *debug, struct ration_debug_record *record) {
  if (debug->settings.is_ordered) {
    int error = release_below(debug, record);
    if (error) {
      record->released.count = 0;
      return error;
    }
  } else {
    memset(record->block, RATION_DEBUG_RELEASED, record->size);
  }
  books_release(debug, record);
  while (debug->released.count > debug->settings.quarantine ||
         debug->held_bytes > debug->settings.quarantine_bytes) {
    struct ration_debug_record *oldest = debug->released.first;
    if (oldest->is_held) {
      check(debug, oldest, NULL, NULL);
      int error = release_below(debug, oldest);
      if (error) report(debug, error, "refused by the memory below", oldest->block, oldest, NULL, 0);
    }
    books_remove(debug, oldest);
    books_unmake(debug, oldest);
  }
  return 0;
}

/* What a stack has taken back stays in its blocks, and can still be filled. */
static int release_below(struct ration_debug *debug, struct ration_debug_record *record) {
  char *outer = record->block - books_front(record->alignment);
  int error = ration_memory_release(debug->below, outer, books_bytes(record->size, record->alignment),
                                    record->alignment);
  if (error) return error;
  record->is_held = 0;
  if (record->is_released) debug->held_bytes -= record->size;
  if (debug->is_stack) memset(record->block, RATION_DEBUG_RELEASED, record->size);
  return 0;
}

/* As the memory below does it. NULL and errno. */
static void *regrow(struct ration_debug *debug, struct ration_debug_record *record, size_t size,
                    const struct call *call) {
  size_t front = books_front(record->alignment), old_size = record->size;
  if (size > RATION_BYTES_MOST - front - RATION_DEBUG_GUARD) return fail(-ENOMEM);
  char *outer =
      ration_memory_reallocate(debug->below, record->block - front, books_bytes(old_size, record->alignment),
                               books_bytes(size, record->alignment), record->alignment);
  if (!outer) {
    int error = -errno;
    if (error != -ENOMEM && error != -ENOSPC)
      report(debug, error, "refused by the memory below", record->block, record, call, 0);
    return fail(error);
  }
  books_remove(debug, record);
  record->block = outer + front;
  record->size = size;
  record->serial = ++debug->serial;
  record->allocated = call->here;
  books_guard(record);
  if (size > old_size) memset(record->block + old_size, RATION_DEBUG_NEW, size - old_size);
  books_add(debug, record);
  return record->block;
}

static struct ration_debug_fault describe(int error, const char *text, void *block,
                                          const struct ration_debug_record *record, const struct call *call,
                                          ptrdiff_t offset) {
  struct ration_debug_fault fault = {.error = error, .text = text, .block = block, .offset = offset};
  if (record) {
    fault.size = record->size, fault.alignment = record->alignment, fault.serial = record->serial;
    fault.allocated = record->allocated, fault.released = record->released;
  }
  if (call) fault.given_size = call->size, fault.given_alignment = call->alignment, fault.here = call->here;
  return fault;
}

/* Tells the program, and yields the error. */
static int report(struct ration_debug *debug, int error, const char *text, void *block,
                  const struct ration_debug_record *record, const struct call *call, ptrdiff_t offset) {
  debug->faults++;
  if (!debug->settings.report) return error;
  struct ration_debug_fault fault = describe(error, text, block, record, call, offset);
  debug->settings.report(&fault, debug->settings.context);
  return error;
}

/* Of one block whose bytes are held; the fault also in *ret_fault, if that is not NULL. */
static int check(struct ration_debug *debug, struct ration_debug_record *record, const struct call *call,
                 struct ration_debug_fault *ret_fault) {
  ptrdiff_t offset;
  const char *text;
  if (!books_check(record, &offset, &text)) return 0;
  if (ret_fault) *ret_fault = describe(-EBADMSG, text, record->block, record, call, offset);
  return report(debug, -EBADMSG, text, record->block, record, call, offset);
}

int ration_debug_check(struct ration_debug *debug, struct ration_debug_fault *ret_fault) {
  if (!is_made(debug)) return -EINVAL;
  if (enter(debug)) return -EBUSY;
  int error = 0;
  for (int i = 0; i < 2; i++)
    for (struct ration_debug_record *record = i ? debug->released.first : debug->live.first; record;
         record = record->next)
      if (record->is_held && check(debug, record, NULL, error ? NULL : ret_fault)) error = -EBADMSG;
  leave(debug);
  return error;
}

int ration_debug_visit(struct ration_debug *debug,
                       int (*visit)(const struct ration_debug_block *block, void *context), void *context) {
  if (!is_made(debug) || !visit) return -EINVAL;
  if (enter(debug)) return -EBUSY;
  int ended = 0;
  for (const struct ration_debug_record *record = debug->live.first; record && !ended;
       record = record->next) {
    struct ration_debug_block block = {.block = record->block,
                                       .size = record->size,
                                       .alignment = record->alignment,
                                       .serial = record->serial,
                                       .allocated = record->allocated};
    ended = visit(&block, context);
  }
  leave(debug);
  return ended;
}

int ration_debug_forget(struct ration_debug *debug, uint64_t since) {
  if (!is_made(debug)) return -EINVAL;
  if (enter(debug)) return -EBUSY;
  int error = 0;
  for (int i = 0; i < 2; i++)
    for (struct ration_debug_record *record = i ? debug->released.first : debug->live.first, *next; record;
         record = next) {
      next = record->next;
      if (record->serial <= since) continue;
      if (record->is_held && check(debug, record, NULL, NULL)) error = -EBADMSG;
      books_remove(debug, record);
      books_unmake(debug, record);
    }
  leave(debug);
  return error;
}

int ration_debug_stats(struct ration_debug *debug, struct ration_debug_figures *ret_figures) {
  if (!is_made(debug) || !ret_figures) return -EINVAL;
  if (enter(debug)) return -EBUSY;
  *ret_figures = (struct ration_debug_figures){.live_blocks = debug->live.count,
                                               .live_bytes = debug->live_bytes,
                                               .quarantined = debug->released.count,
                                               .allocations = debug->serial,
                                               .faults = debug->faults};
  leave(debug);
  return 0;
}

size_t ration_debug_bytes(size_t size, size_t alignment) {
  if (ration_memory_check(size, alignment)) return 0;
  return size > RATION_BYTES_MOST - books_front(alignment) - RATION_DEBUG_GUARD
             ? 0
             : books_bytes(size, alignment);
}

struct ration_debug *ration_debug_of(struct ration_memory *memory) {
  return memory && memory->type == &type ? debug_of(memory) : NULL;
}

static int is_list_valid(const struct ration_debug *debug, const struct ration_debug_list *list,
                         int is_released, size_t *ret_bytes) {
  size_t count = 0, bytes = 0;
  const struct ration_debug_record *previous = NULL;
  for (const struct ration_debug_record *record = list->first; record;
       previous = record, record = record->next) {
    if (record->previous != previous || record->is_released != is_released) return 0;
    if (!record->is_released && !record->is_held) return 0;
    if (!is_released && books_find(debug, record->block) != record) return 0;
    count++, bytes += record->is_held ? record->size : 0;
  }
  *ret_bytes = bytes;
  return count == list->count && list->last == previous;
}

int ration_debug_is_valid(struct ration_debug *debug) {
  if (!is_made(debug) || enter(debug)) return 0;
  size_t live, released, chained = 0;
  int is_valid =
      is_list_valid(debug, &debug->live, 0, &live) && is_list_valid(debug, &debug->released, 1, &released);
  for (size_t i = 0; i < debug->buckets; i++)
    for (const struct ration_debug_record *record = debug->table[i]; record; record = record->in_bucket)
      chained++;
  is_valid = is_valid && live == debug->live_bytes && released == debug->held_bytes &&
             chained == debug->live.count + debug->released.count;
  is_valid = is_valid && debug->released.count <= debug->settings.quarantine &&
             debug->held_bytes <= debug->settings.quarantine_bytes;
  leave(debug);
  return is_valid;
}
