/*
 * thread.h: the state of a thread, and its record.
 *
 * `thread` is thread-local, small and always there. It points to a record, which lies in pages that any kind
 * of fork wipes: a record without tallies means "not ready", and that one test sends into the slow path
 * whoever has no slab (yet, or any more), whoever runs inside the shim, and every forked child at its first
 * operation, before it could write into its parent's segment.
 */
#ifndef RATION_TRACK_THREAD_H
#define RATION_TRACK_THREAD_H

#include <ration/segment.h>
#include <stddef.h>
#include <stdint.h>

#define CALLERS_BITS 7

/* A return address that has been looked up, and the category of its module (see caller.h). */
struct caller {
  uint64_t key;
  uint64_t category;
};

/* One for each slab, at the slab's number. */
struct record {
  struct ration_segment_tally *tallies; /* of the slab, by category; NULL: not ready */
  uint32_t slab;
  uint32_t reserved;
  uint64_t padding[6];
  struct caller callers[1 << CALLERS_BITS];
};

enum thread_state {
  THREAD_FRESH, /* has no slab; may take one */
  THREAD_OWNER, /* owns a slab, and will be told when it ends */
  THREAD_DEAD,  /* has ended: what it still does is counted in the shared slab */
};

struct thread {
  struct record *record; /* never NULL: &record_none */
  uint32_t scope;        /* category of the innermost scope; 0: none is open */
  uint32_t inside;       /* depth of calls by the shim into libc and the loader: allocations go to the pool */
  uintptr_t asker;       /* who called operator new; 0: nobody */
  const void *releasing; /* block whose free is counted further up: a free of it below is not another */
  unsigned char *scopes; /* the scopes that the open ones hide, outermost first; mapped, `room` bytes */
  uint32_t depth;
  uint32_t room;
  uint64_t lost_depth; /* scopes opened without effect, for want of memory */
  enum thread_state state;
  uint32_t idle_frees; /* frees of a fresh thread: see slab_ready_for_free */
  uint32_t has_books;  /* this thread has summed the books for the fork that it is in */
};

extern __thread struct thread thread __attribute__((tls_model("initial-exec")));
extern struct record record_none;

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

static inline void thread_come_out(struct record *record) {
  thread.inside--;
  thread.record = record;
}

_Static_assert(sizeof(struct thread) <= 128, "static TLS is scarce: programs with small stacks pay for it");
_Static_assert(sizeof(struct record) <= 4096, "a record fits its page");

#endif
