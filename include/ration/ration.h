/*
 * ration.h: name what memory is for, and read the books.
 *
 * Link with -lration (pkg-config ration), or preload libration.so. Every heap block belongs to one
 * *category*: the one of the innermost *scope* open in the allocating thread, else one named after the
 * library that asked for the block (`lib/libssl.so.3`, `bin/myserver`). A block keeps its category until it
 * is freed, whoever frees it, and through realloc.
 *
 *     RATION_SCOPE("world/terrain") {
 *       tiles = malloc(bytes);                     // charged to world/terrain
 *     }
 *
 * For code that must not depend on ration see tag.h; for C++ ration.hpp.
 *
 * All functions: may be called from any thread, at any time after the program's first instruction, also from
 * handlers of atexit and destructors; take no lock; do not change errno; none may be called from a signal
 * handler that can interrupt malloc. Nothing here ever prints or aborts.
 */
#ifndef RATION_RATION_H
#define RATION_RATION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RATION_VERSION_MAJOR 0
#define RATION_VERSION_MINOR 1
#define RATION_VERSION_PATCH 0
#define RATION_VERSION       "0.1.0"

/* The version of the library at run time, "0.1.0". Static storage. */
const char *ration_version(void);

/*
 * 1 if this process's blocks are counted, 0 if the library is passive here: the program brings an allocator
 * or sanitizer of its own, was excluded by `only`, `not` or `follow`, or there was no memory to track with.
 * All other functions work in either case; passive, the books stay empty.
 */
int ration_is_tracking(void);

/* ---- categories ---------------------------------------------------------------------------------------- */

/* An id, 1 to 252, good for the life of the process, and in its fork children; 0 means none. */
typedef uint32_t ration_category_id;

#define RATION_TOTAL 1 /* the root */
#define RATION_OTHER 2 /* what found no room */

/*
 * The category of this full path, created if it is new, its ancestors with it: "rendering/textures" lies
 * under "rendering" under the root, which is called "total". A path has 1 to 8 components of 1 to 63 bytes,
 * parted by
 * '/', 191 bytes in all; a byte is a letter, a digit or one of _ . + - ~
 * Returns 0 where `path` is NULL or no such path, and for a moment while the process starts, before the
 * program's constructors; RATION_OTHER where 250 categories exist already, or there is no memory (counted in
 * every report). Costs up to a few hundred ns: look a category up once and keep the id.
 */
ration_category_id ration_category(const char *path);

/* The path of a category, NUL-terminated, in storage that lasts as long as the process; NULL: no such id. */
const char *ration_category_path(ration_category_id category);

/* Called without the detour of the procedure linkage table, which would take longer than the work itself. */
#if defined(__has_attribute)
#if __has_attribute(noplt)
#define RATION_DIRECT __attribute__((noplt))
#endif
#endif
#ifndef RATION_DIRECT
#define RATION_DIRECT
#endif

/* ---- scopes -------------------------------------------------------------------------------------------- */

/*
 * Until the matching ration_leave(), new blocks of this thread belong to `category`. Scopes nest to any
 * depth. Category 0, or one that does not exist, opens a scope that changes nothing. Where the memory for a
 * further scope cannot be had (each thread's scopes are kept in mapped pages), the scope opens without
 * effect, and is counted as `scopes_lost`. A scope, opened and closed, takes about 3 ns.
 *
 * Helpers: enter and leave may stand in different functions, which may have returned since: a scope does not
 * end with the function that opened it. Calls of the two are paired as they come, whoever makes them, with one
 * exception:
 *
 * longjmp: where a function whose own body has opened a scope calls ration_enter() or ration_leave() from another
 * place in that body, what was opened in between further down the stack, and is still open, counts as jumped over,
 * and is closed first. So a function that opens scopes in its own body should not also call helpers that leave some
 * open. Where the function that was jumped to has opened none, a scope that was jumped over stays open: it cannot be
 * told from one that a helper has left open on purpose. Scopes with an anchor (below) can, so RATION_SCOPE and
 * ration::scope do without these rules. (Needs glibc 2.35.)
 *
 * A C++ exception closes nothing here either: use ration::scope.
 *
 * Threads: a scope is the thread's own. One that is created by pthread_create (also by way of std::thread, OpenMP or
 * glib) starts in the category that its creator is in, whatever becomes of that scope, and cannot leave it; with the
 * setting inherit=none it starts in none. C11's thrd_create does not reach the library: such a thread starts in none.
 * For work that is handed to threads that run already, and for coroutines, see ration_scope_capture().
 */
RATION_DIRECT void ration_enter(ration_category_id category);

/* Closes the innermost scope of this thread, after those that were jumped over. Without an open scope: nothing. */
RATION_DIRECT void ration_leave(void);

/*
 * The same for a scope that belongs to one activation of a function: `anchor` is the address of an automatic
 * variable of that function (or of an object of the caller's), at which nothing is read or written. If the function
 * is left by longjmp, the scope is closed, with all that were opened in it, at the latest when the thread next opens
 * or closes a scope in the function that it jumped to, or in one that called that; or when the anchor is used anew.
 *
 * Until then a function that is called from there, and lies as deep on the stack as the old one did, opens its
 * scopes within the one that was jumped over; so does the function itself, where a longjmp has led from within its
 * own block to another place in it. So it is best to call setjmp within a scope, which closes all, and to open others
 * in functions that are called from there.
 *
 * On a stack that is not the thread's own (a coroutine's, a signal handler's), and in threads that did not come by
 * pthread_create, nothing counts as jumped over but what lies at an anchor that is used anew.
 *
 * ration_leave_at closes the scope that has this anchor, with all that were opened in it and are still open; if it is
 * closed already, nothing happens, unless the innermost scope was brought by ration_scope_resume(): those have no
 * anchors, so the innermost is closed.
 */
RATION_DIRECT void ration_enter_at(ration_category_id category, const void *anchor);
RATION_DIRECT void ration_leave_at(const void *anchor);

/* The category that new blocks of this thread get from its scopes, or from its creator's; 0: from neither. */
ration_category_id ration_current(void);

/*
 * The open scopes of a thread as a value, to be kept and copied like any other: it owns nothing. All zero: no scope is
 * open. What is in it is the library's business.
 */
struct ration_scopes {
  uint8_t depth;          /* scopes that are kept, at most 62 */
  uint8_t floor;          /* category where none of them is open; 0: none */
  uint8_t categories[62]; /* outermost first */
};

/*
 * For work that goes on elsewhere: *ret_scopes becomes a copy of the scopes that are open in this thread, with the
 * category that the thread began in. ration_scope_resume closes all scopes of the thread and opens those of *scopes in
 * their place, in whatever thread and on whatever stack; each is closed by ration_leave() (or its ration_leave_at())
 * or by another resume.
 *
 *     job system:   submit()   ration_scope_capture(&job->scopes);
 *                   worker     ration_scope_capture(&own);
 *                              ration_scope_resume(&job->scopes);  job->run(job);  ration_scope_resume(&own);
 *     coroutines:   switch     ration_scope_capture(&from->scopes);
 *                              ration_scope_resume(&to->scopes);  swapcontext(&from->context, &to->context);
 *
 * Where more than 62 are open, the innermost 62 are kept, and the next one stands for all below it: it is not closed by
 * ration_leave(). Scopes that were opened without effect for want of memory are not kept. A scope that was resumed has
 * no anchor, and none of them counts as jumped over; those opened since do. A category that does not exist changes
 * nothing, as with ration_enter(). Some 10 ns each, and 2 ns a scope.
 */
void ration_scope_capture(struct ration_scopes *ret_scopes);
void ration_scope_resume(const struct ration_scopes *scopes);

/*
 * RATION_SCOPE("path") { ... }: the block runs in a scope of that category, which closes however the block is
 * left: at its end, by break, continue, goto or return; and by longjmp, as said of ration_enter_at(). The path is
 * looked up once for each place in the source, so it must be the same at each pass. `break` and `continue` leave
 * this block, not a loop around it.
 * Needs the GNU C `cleanup` attribute and statement expressions (gcc, clang). C++: use ration::scope.
 */
#undef RATION_SCOPE /* tag.h's, which comes to the same */
#define RATION_SCOPE(path) RATION_SCOPE_AT(path, __COUNTER__)

/* ---- reading the books --------------------------------------------------------------------------------- */

/*
 * The figures of a category: its own blocks, then (subtree_) with all that lie below it. Bytes are usable
 * bytes (malloc_usable_size), but for requested_bytes. While other threads run, a figure may be off by at
 * most error_bound_bytes and the requests in flight; with no other thread running, all but the peaks are
 * exact. A peak is never below the true one, and above it by at most its error.
 */
struct ration_figures {
  size_t size; /* in: sizeof(struct ration_figures) */
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t peak_bytes;
  uint64_t peak_error_bytes;
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations; /* each is also one allocation and one free */
  uint64_t allocated_bytes;
  uint64_t requested_bytes;
  uint64_t error_bound_bytes;
  uint64_t subtree_live_bytes;
  uint64_t subtree_live_blocks;
  uint64_t subtree_peak_bytes;
  uint64_t subtree_peak_error_bytes;
  uint64_t subtree_allocations;
  uint64_t subtree_frees;
  uint64_t subtree_reallocations;
  uint64_t subtree_allocated_bytes;
  uint64_t subtree_requested_bytes;
  uint64_t subtree_error_bound_bytes;
};

/*
 * Reads the figures of `category` into *ret_figures, whose `size` the caller sets first; a smaller struct of
 * an older header gets the fields that it has, a larger one zeros in those that this library does not know.
 * Returns 0, or -EINVAL: no such category, or size 0. Costs a read of every thread's counters.
 */
int ration_stats(ration_category_id category, struct ration_figures *ret_figures);

/* What is known of a block. */
struct ration_block {
  size_t size;                 /* in: sizeof(struct ration_block) */
  ration_category_id category; /* 0: foreign, no tracked block starts at the address */
  uint32_t reserved;           /* zero */
  uint64_t usable_bytes;       /* 0 for a foreign block */
};

/*
 * Looks up the block that starts at `address`, which need not be valid: nothing is read there unless a
 * tracked block starts there. The caller must hold the block: one that another thread frees meanwhile is a
 * race, as with malloc_usable_size. Returns 0, -ENOENT for a foreign address (*ret_block is filled all the
 * same), or -EINVAL: size 0.
 */
int ration_block_info(const void *address, struct ration_block *ret_block);

/* ---- memory that malloc never sees ------------------------------------------------------------------------ */

/*
 * Buffers of a GPU, mappings, arenas that the program keeps itself: reported here, they stand in every report as
 * `accounts`, by category, each category's own bytes and the most that they have been. They are no part of the
 * figures above nor of any total of blocks. With the setting accounts=1 they count against budgets, and are never refused;
 * without it no budget holds them. A forked child starts with its parent's accounts, as it has the same mappings; what another thread of the parent reports during the fork may be missing.
 * Bytes are whatever the program takes them to be; nothing is read at any address.
 *
 * These three may also be called from a signal handler. They return 0, or
 *   -EINVAL     no such category, or as said below
 *   -EOVERFLOW  the category would have over 2^63 - 1 bytes, or the block has over 2^56 - 1
 *   -ENOMEM     no memory for the tables (counted in every report as `accounts_lost`)
 *   -EAGAIN     the process is just starting, before the program's constructors
 * and then nothing has changed. Where the library is passive they do nothing, and return 0 for all that is
 * well-formed.
 */

/* `category` has so many bytes more. */
int ration_account_add(ration_category_id category, uint64_t bytes);

/* `category` has so many bytes less. Also -EINVAL: it does not have so many. */
int ration_account_remove(ration_category_id category, uint64_t bytes);

/*
 * The block that `address` stands for (where a mapping or an arena starts, or a handle: any number but 0 and the
 * highest) has so many bytes, and belongs to `category`. Said again of the same address it takes the place of what
 * was said before; with 0 bytes the block is gone, and `category` is not looked at. What ration_account_remove()
 * has taken off its category before is not taken off twice.
 *
 * Also -EINVAL: not such an address; -ENOENT: 0 bytes, and no such block; -ENOSPC: there are 65,536 blocks already
 * (counted as `accounts_lost`). Two threads that speak of one address at the same moment should agree beforehand:
 * either may have the last word, and until the next call for that address both blocks may count. Takes some 50 ns.
 */
int ration_account_block(ration_category_id category, const void *address, uint64_t bytes);

/* ---- budgets and pressure --------------------------------------------------------------------------------- */

/*
 * A category's budget is the limit of its blocks and of all below it. With a reserve, ordinary requests may use
 * limit - reserve; critical scopes, handlers and requests of at most `grace` bytes may use all of it. Budgets come from
 * settings (RATION_OPTIONS, `ration run --config`, `ration set`), and from here.
 */
#define RATION_POLICY_NOTIFY 1 /* over the budget is counted, an event, and shown by every report */
#define RATION_POLICY_REFUSE 2 /* a request that does not fit gets NULL and ENOMEM; operator new throws */
#define RATION_POLICY_ABORT  3 /* the same ends the process by SIGABRT, after a line on stderr */

struct ration_budget {
  size_t size;            /* in: sizeof(struct ration_budget) */
  uint64_t limit_bytes;   /* 1 to 2^47 - 1; 0: no budget */
  uint64_t reserve_bytes; /* less than limit_bytes */
  uint64_t grace_bytes;   /* 0 without a reserve */
  int policy;             /* RATION_POLICY_*; when setting, 0: as it is, or as the nearest ancestor's */
  int level;              /* RATION_LEVEL_*; when setting: not looked at */
  uint64_t used_bytes;    /* likewise */
};

/*
 * Reads the budget of a category; one that has none has limit_bytes 0. Returns 0, or -EINVAL: no such category, or
 * size 0. A smaller struct of an older header gets the fields that it has.
 */
int ration_budget_get(ration_category_id category, struct ration_budget *ret_budget);

/*
 * Sets it, in place of what settings said, or takes it away. One that is below what is used already is taken: its level
 * is critical at once, and nothing more is granted until usage fits; with RATION_POLICY_ABORT it is refused. Returns
 * 0; -EINVAL: no such category, or values that cannot be; -EBUSY: another thread is at it; -ENOSPC: 250 categories have
 * budgets; -ENOTSUP: the library is passive. May wait for another thread; not from signal handlers.
 */
int ration_budget_set(ration_category_id category, const struct ration_budget *budget);

/*
 * How many bytes an ordinary request of this thread could still have in this category, under its budget and all those
 * above it; in a critical scope, with the reserve. UINT64_MAX: no budget holds it. 0: no such category.
 */
uint64_t ration_available(ration_category_id category);

/*
 * Charges bytes to the category now, for blocks that come later: any thread's requests in it use them up before they
 * are charged anew. Returns 0; -ENOMEM: they do not fit a budget, or the books, and nothing has changed; -EINVAL: no
 * such category; -EAGAIN: the process is just starting. ration_unreserve gives back what is left of them, at most
 * `bytes`, and returns how many that were. What is reserved is part of used bytes, not of live ones.
 */
int ration_reserve(ration_category_id category, uint64_t bytes);
uint64_t ration_unreserve(ration_category_id category, uint64_t bytes);

/*
 * A critical scope: until the matching leave, this thread's requests may use reserves. The thread keeps its category.
 * Nests; a leave without an enter does nothing. RATION_CRITICAL { ... } leaves however the block is left, but by
 * longjmp, which must not lead out of it.
 */
void ration_critical_enter(void);
void ration_critical_leave(void);
#define RATION_CRITICAL RATION_CRITICAL_NAMED(RATION_JOIN(ration_critical_, __COUNTER__))

/*
 * How full a budget is: the level of a category is the highest that holds for its own budget or one above it. It begins
 * where used reaches 60, 80, 90, 95 % of limit - reserve (the property `thresholds`), and ends 2 points lower.
 */
#define RATION_LEVEL_NONE     0
#define RATION_LEVEL_LOW      1
#define RATION_LEVEL_MEDIUM   2
#define RATION_LEVEL_HIGH     3
#define RATION_LEVEL_CRITICAL 4

/* -EINVAL: no such category. A few loads: cheap enough for each frame. */
int ration_pressure_level(ration_category_id category);

/* What a handler is told. */
struct ration_pressure {
  size_t size;                 /* sizeof(struct ration_pressure) */
  ration_category_id category; /* the handler's */
  ration_category_id budget;   /* whose budget is under pressure: the category, or one above it */
  int level;                   /* its level now; before a refusal RATION_LEVEL_CRITICAL */
  uint32_t reserved;           /* zero */
  uint64_t used_bytes;         /* of the budget */
  uint64_t limit_bytes;
  uint64_t wanted_bytes; /* to be freed, so that the level ends; before a refusal: those that are missing */
};

/* Frees memory, and returns how many bytes. May allocate (from reserves), register and unregister; must return. */
typedef uint64_t ration_pressure_function(const struct ration_pressure *pressure, void *context);

#define RATION_DISPATCH_DEFERRED                                                                             \
  1                              /* on a thread of the library's, which starts with the first such handler */
#define RATION_DISPATCH_POLLED 2 /* by ration_pressure_poll() */
#define RATION_DISPATCH_SYNCHRONOUS                                                                          \
  3 /* in the thread that allocates, as the last step before it is refused */

struct ration_handler {
  size_t size; /* sizeof(struct ration_handler) */
  ration_category_id category;
  int priority;     /* ascending: the lowest is called first; equal ones in order of registration */
  int lowest_level; /* RATION_LEVEL_LOW to _CRITICAL: it is called when this level, or a higher one, holds */
  int dispatch;     /* RATION_DISPATCH_* */
  ration_pressure_function *function;
  void *context;
};

/*
 * From now on the handler is called when its category's budget, or one above it, is at its lowest level or over it: all
 * that qualify, in order, until that level has ended; at once where it holds already; and again while a level stands,
 * when used has grown by another 1 % of the limit, at most every 100 ms. It is never called twice at the same time.
 * What it claims is held against what its thread freed, and both are reported.
 *
 * A synchronous handler runs inside the program's malloc: it must not wait for a lock that a thread which allocates may
 * hold. It is called whatever its level, as a refusal is the most critical there is. None is called from within a
 * handler. Compilers know malloc as a function that runs nothing of the program's, and keep variables of a source file
 * in registers over it: those that a synchronous handler changes, and that code in its file reads around an allocation,
 * must be volatile or atomic.
 *
 * Returns a handle, above 0; -EINVAL: a value that cannot be, or no such category; -ENOSPC: 64 are registered; -EBUSY;
 * -ENOMEM: no memory for the table; -ENOTSUP: the library is passive; or what pthread_create returns, negative. After fork(2) none is
 * registered in the child. Register and unregister may wait; not from signal handlers.
 */
int ration_pressure_register(const struct ration_handler *handler);

/* Waits for a call of it that runs, but from within that call. Returns 0; -ENOENT: no such handle; -EBUSY. */
int ration_pressure_unregister(int handle);

/* Runs the polled handlers that are due, in this thread. Returns how many were run. A few loads where none is due. What
   `ration set` asks for is taken up here, too: a program that polls in each frame need not allocate for that. */
int ration_pressure_poll(void);

/*
 * For tests. simulate: the category's budget is taken to be at this level; -1: at its own again. Nothing else changes.
 * Returns 0; -EINVAL: no such category or level; -ENOENT: it has no budget. suppress(1): no handler is called; what is
 * due is kept until suppress(0).
 */
int ration_pressure_simulate(ration_category_id category, int level);
void ration_pressure_suppress(int is_suppressed);

/* ---- profiles ---------------------------------------------------------------------------------------------- */

/* (Code that must run without the library, too, sets marks by ration_tag_mark() of tag.h.) */

/*
 * A mark in the ring of events: `ration report --events` shows it with its number, its thread and its moment, between
 * the pressure, refusals and handlers that came before and after it. Of the name the first 24 bytes are kept, no
 * character in part. The ring keeps the newest 4,096 events of all kinds, so a mark for each frame of a game leaves a
 * minute of them.
 *
 * Returns 0; -EINVAL: `name` is NULL or empty; -EAGAIN: the process is just starting, before the program's constructors.
 * Where the library is passive it does nothing, and returns 0. From any thread, also from a signal handler; waits for
 * nobody (where another writer still holds the ring's next place, the mark is counted as `events_lost`). Some 100 ns, most
 * of them for the time; in a thread that has not allocated yet a system call more.
 */
int ration_mark(const char *name, uint64_t number);

/*
 * Turns samples off (0) or on, with the last mean, in the whole process: as sample=off and sample=on by `ration set`.
 * What has been sampled stays in the books of samples, and its end is still noted. The calling thread follows at once,
 * each other one at its next heartbeat: 1 MiB or 1,000 allocations later, at most. What was said last holds, by
 * whomever; it passes to forked children.
 *
 * Returns what it was before, 1 or 0; -ENOTSUP: the library is passive; -EAGAIN: the process is just starting. From any
 * thread; waits for nobody. Some 100 ns.
 */
int ration_profiling(int is_on);

/* ---- pools ------------------------------------------------------------------------------------------------- */

/*
 * An object pool takes blocks of the heap and gives them out in objects, of which the books know nothing: what it tells
 * of itself here, `ration report --pools` shows, also after the process has ended. librationkit's pools do so by
 * themselves (ration/kit/pools.h). Code that must run without the library registers by ration_tag_pool_register() of tag.h.
 */
struct ration_pool_figures {
  size_t size;       /* sizeof(struct ration_pool_figures) */
  uint64_t used;     /* objects that are given out */
  uint64_t reserved; /* objects that it has memory for: used and free ones */
  uint64_t peak;     /* the most that were used at once */
  uint64_t takes;    /* objects given out so far */
  uint64_t hits;     /* of these, served without asking for more memory: the hit rate is hits / takes */
};

/*
 * From now on the pool is listed, empty: name (copied; of more than 47 bytes the first ones, no character in part),
 * category (where its memory is from, 0 for none) and the bytes of an object, above 0. Two may have one name.
 *
 * Returns a handle, above 0; -EINVAL: a value that cannot be, or no such category; -ENOSPC: 256 are registered; -ENOTSUP:
 * the library is passive, or its segment has no room for pools; -EAGAIN: the process is just starting. After fork(2) the
 * child has what its parent had, under the same handles. From any thread; not from signal handlers.
 */
int ration_pool_register(const char *name, ration_category_id category, size_t object_bytes);

/* What is so of it now. Some 10 ns; from any thread, of one pool from one at a time. -EINVAL: `figures` is NULL or of
   another size; -ENOENT: no such handle; -EAGAIN, as above. */
int ration_pool_update(int handle, const struct ration_pool_figures *figures);

/* Its figures stay as they are, until its place is needed for another. -ENOENT: no such handle. */
int ration_pool_unregister(int handle);

/* ---- what the macro above is made of; not to be used by itself -------------------------------------------
 */

#define RATION_SCOPE_AT(path, n)                                                                             \
  RATION_SCOPE_NAMED(path, RATION_JOIN(ration_scope_, n), RATION_JOIN(ration_id_, n),                        \
                     RATION_JOIN(ration_anchor_, n))
#define RATION_CRITICAL_NAMED(flag)                                                                          \
  for (int flag __attribute__((cleanup(ration_critical_close))) = ration_critical_open(); flag; flag = 0)
#define RATION_JOIN(a, b)          RATION_JOIN_EXPANDED(a, b)
#define RATION_JOIN_EXPANDED(a, b) a##b
#define RATION_SCOPE_NAMED(path, scope, id, anchor)                                                          \
  for (char scope __attribute__((cleanup(ration_scope_close))), *anchor = __extension__({                    \
         static ration_category_id id;                                                                       \
         ration_scope_open(&id, (path), &scope);                                                             \
       });                                                                                                   \
       anchor; anchor = 0)

/* Also where nothing is optimised: a scope is the caller's, and not of a frame below it that is gone at once. */
#define RATION_INLINE static inline __attribute__((always_inline))

RATION_INLINE char *ration_scope_open(ration_category_id *id, const char *path, char *scope) {
  ration_category_id category = __atomic_load_n(id, __ATOMIC_RELAXED); /* an id alone: nothing to order */
  if (__builtin_expect(category == 0, 0)) {
    category = ration_category(path);
    __atomic_store_n(id, category, __ATOMIC_RELAXED);
  }
  ration_enter_at(category, scope);
  return scope;
}

RATION_INLINE void ration_scope_close(const char *scope) {
  ration_leave_at(scope);
}

RATION_INLINE int ration_critical_open(void) {
  ration_critical_enter();
  return 1;
}

RATION_INLINE void ration_critical_close(const int *flag) {
  (void)flag;
  ration_critical_leave();
}

#ifdef __cplusplus
}
#endif
#endif
