/*
 * process.h: how this process stands with ration, and its segment.
 */
#ifndef RATION_TRACK_PROCESS_H
#define RATION_TRACK_PROCESS_H

#include "model/segment.h"
#include "model/settings.h"
#include "os/process.h"
#include "track/thread.h"

enum process_state {
  PROCESS_NEW,      /* nothing is known; also every forked child, whose page was wiped */
  PROCESS_STARTING, /* a thread is at it */
  PROCESS_TRACKING,
  PROCESS_PASSIVE, /* calls are passed on, nothing is counted */
};

/* In a page that fork wipes. */
struct process {
  uint32_t state; /* enum process_state */
};
extern struct process *process_page INTERNAL;

/*
 * This process's segment; before there is one, an empty header and no tables. A forked child has its parent's
 * until it is ready.
 */
extern struct segment segment INTERNAL;
extern struct settings settings;
extern struct rules rules; /* the settings' */
extern struct process_identity identity;

/* The program's calls must reach the shim, or it goes passive. 0 in tests, which call it without preloading.
 */
extern int process_needs_interposition;

/*
 * Brings the process to PROCESS_TRACKING or PROCESS_PASSIVE if it is new, and says how it stands. Never
 * waits: while another thread starts it, the answer is PROCESS_STARTING. Before libc can read the environment
 * it stays PROCESS_NEW.
 */
enum process_state process_ready(void);

/*
 * In the constructor: from here on libunwind helps to look through wrappers, where that is wished. What was asked of
 * callers before is forgotten.
 */
void process_learn_callers(void);

/* How it stands just now, whatever that is. */
static inline enum process_state process_state_now(void) {
  struct process *page = load_acquire(&process_page);    /* pairs with prepare_memory */
  return (enum process_state)load_acquire(&page->state); /* pairs with process_ready */
}

/*
 * fork may be called in a signal handler, and the child goes on where that has come: there `segment` is the parent's
 * until something is allocated, and not to be written.
 */
static inline int process_has_forked(void) {
  return UNLIKELY(process_state_now() == PROCESS_NEW);
}

/* The process has started, and has a segment with tables. */
int process_has_segment(void);

/* Counts a block that could not be tracked, in whatever state. */
void process_count_untracked(void);

/* To passive, for good: `why` is one of RATION_PASSIVE_*. */
void process_become_passive(uint32_t why);

/* New blocks come from the system heap, for good, where they came from the page heap: `why` is one of RATION_HEAP_*. */
void process_leave_pages(uint32_t why);

/*
 * Settles how the next allocator's sizes are read, by its first block. Returns 0; -EAGAIN: another thread is at
 * it, and they may make no sense, or the allocator cannot tell them yet; -ENOTSUP: they make none, and the process is passive.
 */
int process_measure(void *block, size_t requested);

/* It is settled, and they make sense. */
int process_is_measured(void);

/*
 * In a forked child, by the fork handler: what the kernel has done already, unless it is older than 4.14. But if fork was
 * called in a signal handler, the child will go on in the midst of an allocation or a free: for the rest of that, the
 * thread's record stands, and its tallies are a private copy, and so is all of the segment, if it was writing more.
 */
void process_wipe(void);

/* Calls `visit` with every record that has been used. */
void process_visit_records(void (*visit)(struct record *record));

/* What threads without a slab share, in a process that tracks: a room for stacks alone. NULL: there is none. */
struct record *process_shared_record(void);

/* Has the pages of a slab's record opened, for good; see slab.h. Returns 0, or -ENOMEM. */
int process_open_record(uint32_t slab);

/* The record of a slab, whose pages are open. */
struct record *process_record(uint32_t slab);

#endif
