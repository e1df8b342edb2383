/*
 * thread.h: the state of a thread, and its record.
 *
 * `thread` is thread-local, small and always there. It points to a record, which lies in pages that any kind
 * of fork wipes. A record without fast_tallies and paged_tallies means "not ready for the fast path", and that one test
 * sends into the slow path whoever has no slab (yet, or any more), whoever runs inside the shim, every thread after
 * a dlclose, those over an allocator that takes longer, and every forked child at its first operation, before
 * it could write into its parent's segment.
 */
#ifndef RATION_TRACK_THREAD_H
#define RATION_TRACK_THREAD_H

#include <ration/segment.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "model/sampler.h"
#include "model/segment.h"
#include "os/counted_clock.h"
#include "track/asker.h"
#include "track/stack_memo.h"

#define CALLERS 128

/* A return address that has been looked up, and what its blocks get (see caller.h). Copied whole, by one instruction, as a
   signal handler may put another one in its place at any moment between two: see caller_put. */
typedef uint64_t caller_words __attribute__((vector_size(16), may_alias));
struct caller {
  uintptr_t
      address; /* with CALLER_SIZED or CALLER_WRAPPER, by which the fast path misses it; or with a scope */
  uint8_t category;
  uint8_t reserved;
  uint16_t rule;     /* that gave it the category; RULES_NONE */
  uint32_t tally_at; /* bytes from a slab's start to the category's tally: one shift less on the fast path */
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct caller) == sizeof(caller_words), "it is one");

/* One for each slab, at the slab's number. */
struct record {
  struct ration_segment_tally *fast_tallies; /* of the slab, by category; NULL: not ready for the fast path */
  struct ration_segment_tally *paged_tallies; /* the same, for a thread whose blocks come from its stock */
  struct ration_segment_tally *tallies;       /* the same; NULL: no slab */
  struct stock *stock;                        /* with paged_tallies: thread.stock, here at hand */
  uint64_t generation;                        /* of modules, to which `callers` are true */
  uint64_t exception;                         /* 0: a block is its caller's; else see thread_note_exception */
  uint32_t slab;
  uint32_t calls_to_measured; /* the last of so many is; 0: none is near: see measuring.h */
  int64_t countdown;          /* to the next heartbeat or sample: see heartbeat.h */
  int64_t armed;              /* what it was set to last */
  int64_t beat_left;          /* what was left until the heartbeat then */
  struct caller callers[CALLERS];
  struct sampler sampler; /* what was left until the next sample then */
  uint64_t position;      /* how far the thread had come then */
  struct counted_clock clock;
  uint32_t thread;         /* id of the slab's owner, as its head has it */
  uint64_t samples;        /* begun and ended by the thread, or by who had its record before */
  uint64_t measured_until; /* the slab's calls, when one was measured last */
  uint32_t beats_to_pass;  /* heartbeats until the next one may be */
  uint32_t beats;          /* heartbeats so far */
  struct sample_shelf shelf;
};

/* An open scope: see scope.h. */
struct scope {
  uint64_t word;    /* its place << 16, flags, category */
  uintptr_t opener; /* of a plain one: the address that its opening returned to */
};

enum thread_state {
  THREAD_FRESH, /* has no slab; may take one */
  THREAD_OWNER, /* owns a slab, and will be told when it ends */
  THREAD_DEAD,  /* has ended: what it still does is counted in the shared slab */
};

struct thread {
  struct record *record; /* never NULL: &record_none */
  uint32_t scope;        /* category of the innermost scope; 0: none is open */
  uint32_t has_asker;    /* an operator new is open, and `asker` has called it */
  struct asker asker;    /* where its frame is on the stack, that operator new is: see caller_has_asker */
  uint16_t rule;         /* first one that the thread's name fits; see has_rule */
  uint16_t has_rule;     /* that has been looked up */
  uint32_t inside;       /* depth of calls by the shim into libc and the loader: allocations go to the pool */
  const void *releasing; /* block whose free is counted further up: a free of it below is not another */
  struct scope *scopes;  /* pages of the open scopes, the floor first; NULL: none yet */
  struct scope *scopes_top;  /* the innermost scope; where none is open, the floor: see scope.h */
  struct scope *scopes_last; /* a scope above this one finds no room */
  struct scope scope_floor;  /* of a thread that was told a category and has no pages */
  uint64_t scopes_lost;      /* open ones that have no effect, for want of memory */
  enum thread_state state;
  uint32_t idle_frees; /* frees of a fresh thread: see slab_ready_for_free */
  uint32_t counted; /* blocks counted over other allocators than glibc, modulo 2^32: see track_was_counted */
  uint32_t has_books;        /* this thread has summed the books for the fork that it is in */
  uint32_t is_as_summed;     /* and has counted nothing since */
  uint32_t counting;         /* depth of thread_begin_steps: see process_wipe */
  uint32_t critical;         /* depth of critical scopes, and of handlers: requests may use reserves */
  struct handling *handling; /* the handler that this thread runs: see handlers.h */
  struct stock *stock;       /* that its blocks come from, while it has a slab; NULL: from the system heap */
};

extern __thread struct thread thread STATIC_TLS INTERNAL;
extern struct record record_none INTERNAL;
extern struct scope scope_none INTERNAL; /* the floor of a thread that has no pages */

/* The calling thread's id, as its slab has it; 0: it has none, and no system call is made for it. */
static inline uint32_t thread_segment_id(void) {
  const struct record *record = thread.record;
  return record->tallies ? record->thread : 0;
}

/*
 * thread.record, looked up from nothing: a compiler keeps where thread-local storage lies in a register over a call,
 * which the fast path would have to save and restore, at four instructions instead of one.
 */
ALWAYS_INLINE struct record *thread_record_afresh(void) {
#if defined(__x86_64__)
  struct record *record;
  __asm__ volatile("movq thread@gottpoff(%%rip), %0\n\tmovq %%fs:%c1(%0), %0"
                   : "=r"(record)
                   : "i"(offsetof(struct thread, record)));
  return record;
#else
  return thread.record;
#endif
}

/*
 * As a rule a block is its caller's; not so while a scope or an operator new is open. What no address has, added to the
 * caller's, makes its look-up miss: in a scope, but where it finds an entry of that scope's; while an operator new alone is
 * open, always. To be called with what thread.scope and thread.has_asker are now: reading them back at once would stall.
 */
#define THREAD_SCOPE_SHIFT 56
#define THREAD_HAS_ASKER   (UINT64_C(1) << 53)

ALWAYS_INLINE void thread_note_exception(uint32_t scope, uint32_t has_asker) {
  uint64_t exception = (uint64_t)scope << THREAD_SCOPE_SHIFT | (has_asker ? THREAD_HAS_ASKER : 0);
  store_relaxed(&thread.record->exception, exception); /* record_none's is nobody's */
}

/*
 * From here to thread_come_out, what the calling thread allocates is libc's or the loader's, on behalf of the
 * shim: the fast path finds no tallies, and the slow path serves it from the bootstrap pool.
 */
static inline struct record *thread_go_inside(void) {
  struct record *record = thread.record;
  thread.record = &record_none;
  thread.inside++;
  return record;
}

/* Between these two the calling thread writes to the segment step by step: for a signal handler that forks meanwhile. */
static inline void thread_begin_steps(void) {
  thread.counting++;
  __asm__ volatile("" ::: "memory");
}

static inline void thread_end_steps(void) {
  __asm__ volatile("" ::: "memory");
  thread.counting--;
}

static inline void thread_come_out(struct record *record) {
  thread.inside--;
  thread.record = record;
}

_Static_assert(sizeof(struct thread) <= 192, "static TLS is scarce: programs with small stacks pay for it");
/* Behind the record of a slab, and of slab 0, which threads without one share. record_none has none. */
#define RECORD_HEAD_BYTES 2560
#define RECORD_BYTES      20480 /* whole pages; those that no stack needs cost nothing */
static inline struct stack_room *record_room(struct record *record) {
  return (struct stack_room *)(void *)((unsigned char *)record + RECORD_HEAD_BYTES);
}
_Static_assert(sizeof(struct record) <= RECORD_HEAD_BYTES, "a record fits in front of its room");
_Static_assert(RECORD_HEAD_BYTES + sizeof(struct stack_room) <= RECORD_BYTES, "and both their pages");

#endif
