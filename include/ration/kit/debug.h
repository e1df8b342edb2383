/*
 * debug.h: a ration_memory round another one that holds every block to account: what was never given back, and by whom it
 * was asked for; what is given back twice, or in another size, or was never given out; what was written before a block,
 * behind it, or after its release. Each fault is an error of the call, and goes to a callback with the call stacks of
 * the block. A call that fails changes nothing: a damaged block stays live.
 *
 *     struct ration_debug debug;
 *     struct ration_debug_settings settings = {.report = write_to_log};
 *     ration_debug_init(&debug, &arena.memory, &settings);
 *     struct ration_memory *memory = RATION_DEBUG_WRAP(&debug, &arena.memory);
 *     ...
 *     ration_debug_check(&debug, NULL);
 *     ration_debug_visit(&debug, write_leak_to_log, NULL);
 *     ration_debug_done(&debug);
 *
 * RATION_DEBUG_WRAP is the wrapper's memory where the program is compiled with -DRATION_KIT_DEBUG, or settings.is_on was
 * set at run time; else it is the memory itself, and the wrapper costs nothing. `debug.memory` always is the wrapper's.
 *
 * How: a block is asked for with RATION_DEBUG_GUARD bytes more behind, and as many or its alignment before it
 * (ration_debug_bytes says how many in all, for those who make a pool for such blocks). Both hold bytes that follow from
 * its address and serial number; none of them is ASCII, 0 or 0xff, so one such byte too many is always noticed, and one of
 * another value in 63 of 64 blocks or more. A new block is filled with RATION_DEBUG_NEW. A released one is filled with
 * RATION_DEBUG_RELEASED and kept back until `quarantine` others were released, or `quarantine_bytes`, so that its address
 * is not given out again; then it is looked at once more, and goes to the memory below. In a kind whose blocks must be
 * given back in order (a stack, a wrapper round one, and what `is_ordered` says), a block goes back at once, and only its
 * address is kept in mind. An address that is no longer in mind was never given out, as far as the wrapper knows.
 *
 * Call stacks are taken by backtrace of the C library, about 1 us: it loads libgcc_s at its first use, and needs unwind
 * tables, which compilers make by default. Without those, or with frames = RATION_DEBUG_NO_FRAMES, sites are empty.
 *
 * A mass release below (the reset of an arena, a marker of a stack) must be told before, by ration_debug_forget.
 *
 * Ownership: done looks at all blocks once more, and gives them back, live ones too: list the leaks before. Records are taken
 * from `books`: about 350 bytes for each block. The wrapper must not be moved.
 *
 * Threads: all functions but init and done from any at any time; the memory below is called from one at a time. The
 * callbacks, and what the memory below calls, are called with the lock held: what they ask of this wrapper fails with
 * EBUSY, and done does nothing.
 *
 * Complexity: O(1) by a table of addresses, and O(size) to fill; check and visit O(blocks).
 */
#ifndef RATION_KIT_DEBUG_H
#define RATION_KIT_DEBUG_H

#include <pthread.h>

#include <ration/kit/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef RATION_KIT_DEBUG
#define RATION_KIT_DEBUG 0
#endif

#define RATION_DEBUG_NEW              0xA5
#define RATION_DEBUG_RELEASED         0x5A
#define RATION_DEBUG_GUARD            ((size_t)16)
#define RATION_DEBUG_FRAMES           16
#define RATION_DEBUG_QUARANTINE       ((size_t)256)
#define RATION_DEBUG_QUARANTINE_BYTES ((size_t)64 << 20)
#define RATION_DEBUG_NO_FRAMES        UINT32_MAX
#define RATION_DEBUG_NO_QUARANTINE    SIZE_MAX

/* Return addresses, innermost first, without those in this library's wrapper. */
struct ration_debug_site {
  uint32_t count;
  void *frames[RATION_DEBUG_FRAMES];
};

struct ration_debug_fault {
  int error; /* what the call returns: -EINVAL, -EALREADY, -EFAULT, -EBADMSG, or what the memory below said */
  const char *text; /* static: what it is, as "written behind its end" */
  void *block;
  size_t size, alignment;             /* as it was asked for; 0: not known */
  size_t given_size, given_alignment; /* of the call; 0: it was no call with a size */
  ptrdiff_t offset; /* -EBADMSG: where the first wrong byte is, from the block's start; else 0 */
  uint64_t serial;  /* the block is the how many-th that was allocated; 0: not known */
  struct ration_debug_site allocated, released, here; /* empty where there is none */
};

struct ration_debug_block {
  const void *block;
  size_t size, alignment;
  uint64_t serial;
  struct ration_debug_site allocated;
};

struct ration_debug_settings {
  uint32_t is_on;      /* RATION_DEBUG_WRAP wraps, however the program was compiled */
  uint32_t is_ordered; /* a released block goes back below at once */
  size_t quarantine;   /* released blocks that are kept back or in mind; 0: RATION_DEBUG_QUARANTINE */
  size_t
      quarantine_bytes; /* that these take at most, while they are kept back; 0: RATION_DEBUG_QUARANTINE_BYTES */
  uint32_t frames;      /* of a site, at most RATION_DEBUG_FRAMES; 0: that */
  struct ration_memory *books; /* for records; NULL: the system's */
  void (*report)(const struct ration_debug_fault *fault, void *context);
  void *context;
};

struct ration_debug_record; /* private */
struct ration_debug_list {
  struct ration_debug_record *first, *last;
  size_t count;
};

/* Private but for `memory`. */
struct ration_debug {
  struct ration_memory memory;
  struct ration_memory *below;
  struct ration_debug_settings settings;
  pthread_mutex_t lock;
  struct ration_debug_record **table; /* by address */
  size_t buckets;
  struct ration_debug_list live, released; /* the oldest first */
  size_t live_bytes, held_bytes; /* of blocks as asked for: live ones, and released ones that are kept back */
  uint64_t serial, faults;
  uint32_t is_stack;
};

struct ration_debug_figures {
  size_t live_blocks, live_bytes; /* as asked for */
  size_t quarantined;             /* released blocks that are kept back, or in mind */
  uint64_t allocations;           /* so far: the serial number of the last */
  uint64_t faults;                /* reported so far */
};

/* Takes nothing before the first block. settings NULL: the defaults. -EINVAL: debug is NULL, or frames too many. */
int ration_debug_init(struct ration_debug *debug, struct ration_memory *memory,
                      const struct ration_debug_settings *settings);
void ration_debug_done(struct ration_debug *debug);

/* Looks at all blocks, live and quarantined, and reports each that was written to where it should not. -EBADMSG: there
   are such, the first of them in *ret_fault, if that is not NULL; -EINVAL: debug is NULL or not made; -EBUSY: from a
   callback. */
int ration_debug_check(struct ration_debug *debug, struct ration_debug_fault *ret_fault);

/* Calls visit for each live block, the oldest first: at the end of a program, its leaks. What it returns, if not 0, ends
   it, and is returned. -EINVAL, -EBUSY. */
int ration_debug_visit(struct ration_debug *debug,
                       int (*visit)(const struct ration_debug_block *block, void *context), void *context);

/* What of the blocks allocated after serial number `since` (0: all) is still there is about to be taken back below: they
   are looked at, and forgotten. -EBADMSG as check; -EINVAL, -EBUSY. */
int ration_debug_forget(struct ration_debug *debug, uint64_t since);

/* -EINVAL, -EBUSY. `allocations` is what ration_debug_forget takes. */
int ration_debug_stats(struct ration_debug *debug, struct ration_debug_figures *ret_figures);

/* What a block of such a request asks of the memory below; 0: the request is not valid. */
size_t ration_debug_bytes(size_t size, size_t alignment);

/* The wrapper behind a ration_memory; NULL if it is none. */
struct ration_debug *ration_debug_of(struct ration_memory *memory);

/* For tests: 1 if each record is in the table and in one list, and the sums are right. */
int ration_debug_is_valid(struct ration_debug *debug);

#define RATION_DEBUG_WRAP(debug, memory) ration_debug_wrap((debug), (memory), RATION_KIT_DEBUG)

/* Private: what the macro is made of. */
static inline struct ration_memory *ration_debug_wrap(struct ration_debug *debug,
                                                      struct ration_memory *memory, int is_compiled_in) {
  return debug && debug->memory.type && (is_compiled_in || debug->settings.is_on) ? &debug->memory : memory;
}

#ifdef __cplusplus
}
#endif
#endif
