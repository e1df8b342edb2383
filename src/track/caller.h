/*
 * caller.h: the category of a call site, where no scope says otherwise: that of the first rule that fits it, else of
 * the module it lies in.
 *
 * A thread keeps what it has looked up in a cache of return addresses, which is all that the fast path asks. Two kinds
 * of entry are kept so that the fast path misses them: CALLER_SIZED, where the category depends on the bytes asked for
 * (only up to as many as the fast path can serve at all), and CALLER_WRAPPER, where it is that of a caller further out,
 * which is looked for on the stack each time. Calls in a scope have entries of their own, by address and scope together, for
 * call sites that are not known outside of scopes. What a thread does not know, code.h knows.
 *
 * Addresses are used again after dlclose. So dlclose raises a generation and takes the fast path from every
 * record; a thread gets them back in the slow path, when it has emptied its cache. A call of malloc from code
 * that was loaded since begins after both, and cannot meet an old entry.
 */
#ifndef RATION_TRACK_CALLER_H
#define RATION_TRACK_CALLER_H

#include "base/atomics.h"
#include "base/compiler.h"
#include "model/rules.h"
#include "track/asker.h"
#include "track/process.h"

#include "track/thread.h"

/* No code has such addresses; thread_note_exception's bits lie round them. */
#define CALLER_SIZED   ((uintptr_t)1 << 54)
#define CALLER_WRAPPER ((uintptr_t)1 << 55)
#define CALLER_FLAGS   (CALLER_SIZED | CALLER_WRAPPER)

/* dlclose is about to unmap a module, or has done so. */
void caller_forget_modules(void);

/* How often that was so far: what is known of an address is true for the number that it was found under. */
uint64_t caller_generation(void);

/* Makes the record's cache true to the modules that are loaded now; then the fast path may use it. */
void caller_bring_up_to_date(struct record *record);
int caller_is_up_to_date(const struct record *record);

/* It has a fast path just now. */
int caller_is_fast(const struct record *record);

/*
 * The operators new of the C++ runtime, which call malloc by name, and the shim itself: a variant of operator new
 * that ends in a jump to another one seems to be called from the shim. Each word is harmless without the other.
 */
struct caller_range {
  uintptr_t start;
  uintptr_t bytes;
};
extern struct caller_range caller_runtime INTERNAL, caller_shim INTERNAL;
extern struct caller_range caller_second_runtime
    INTERNAL; /* the other one, where an allocator has operators, too */

/* Notes where the shim lies; and where an operator new of the C++ runtime does, all of which lie together. At start. */
void caller_set_shim(void);
void caller_add_to_runtime(struct caller_range *runtime, const void *operator_new, size_t bytes);

ALWAYS_INLINE int caller_is_in(uintptr_t address, const struct caller_range *range) {
  return address - load_relaxed(&range->start) < load_relaxed(&range->bytes);
}

ALWAYS_INLINE int caller_is_in_runtime(uintptr_t address) {
  return caller_is_in(address, &caller_runtime) || caller_is_in(address, &caller_second_runtime);
}

/*
 * An operator new that an exception has left is still noted as open, until the thread is seen further up its stack
 * than that operator was. Meanwhile it misleads nobody: the code that it matters to is entered by way of another
 * operator new. (Stacks grow downward wherever this runs.)
 */
ALWAYS_INLINE int caller_has_asker(void) {
  return thread.has_asker && (uintptr_t)thread.asker.frame > (uintptr_t)__builtin_frame_address(0);
}

/* Its caller. An exception may have left it on a stack that is gone by now: then that has no frame. */
struct asker caller_open_asker(void);

/* Where the thread's cache would have this address. Two calls seldom lie within 16 bytes of code. */
ALWAYS_INLINE const struct caller *caller_entry(uintptr_t address, const struct record *record) {
  return &record->callers[address / 16 % CALLERS];
}

/* The entry has it, for the scope that is open, or for none where no operator new is: a new block gets the entry's category. */
ALWAYS_INLINE int caller_is_cached(const struct caller *entry, uintptr_t address,
                                   const struct record *record) {
  return entry->address == address + load_relaxed(&record->exception); /* record_none's is nobody's */
}

/*
 * The entry's category, unless a rule on the size comes before the entry's own. 0: that rule has not matched before,
 * which caller_category notes: a call here would have registers saved for it each time.
 */
ALWAYS_INLINE uint32_t caller_category_of_size(const struct caller *entry, uint64_t requested) {
  const struct size_rule *sized = rules_of_size(&rules, requested, entry->rule);
  if (sized) return load_relaxed(&sized->is_noted) ? sized->category : 0; /* see rules_note_size_match */
  return rules_is_noted(&rules, entry->rule) ? entry->category : 0;
}

/*
 * The category of a new block of so many bytes, whatever it takes: the scope's; else that of who asked: the caller of
 * malloc, or, where that is the C++ runtime on behalf of an operator new that is open in this thread, the caller of
 * operator new; or, where this is a wrapper, the first caller further out that is none.
 */
uint32_t caller_category(struct asker asker, uint64_t requested, struct record *record);

/* Who asks: the caller, or, through wrappers and operator new, the first one outside; a return address. */
uintptr_t caller_outside(struct asker asker, struct record *record);

/*
 * The calling thread's next calls are to come by the slow path; and have done so: it gets the fast path back, unless it
 * is not to have one, or a module was closed since: 0.
 */
void caller_suspend(struct record *record);
int caller_may_resume(struct record *record);

/* The thread stays off the fast path as long as it runs a handler, from now on. */
void caller_keep_slow(struct record *record);

/* Does the thread's name, as it is now, fit another rule than before? Then what the record has cached goes. */
int caller_has_new_rule(void);
void caller_forget_thread(struct record *record);

#endif
