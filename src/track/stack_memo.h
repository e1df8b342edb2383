/*
 * stack_memo.h: the stack of a thread, as it was walked last, and as much of it as still stands.
 *
 * Between two blocks of a thread most of its stack stays as it is. A walk remembers the words that it went by: return
 * addresses, and those frame pointers that a frame further out is found by. When the next walk comes to a frame that it
 * has met before, it compares what these words hold now: if they are the same, all frames further out are (os/unwind.h
 * says why), at two loads a word. What has changed is walked.
 *
 * Frames are kept outermost first, so that the part that stays does not move; with each the hash of it and all further
 * out.
 */
#ifndef RATION_TRACK_STACK_MEMO_H
#define RATION_TRACK_STACK_MEMO_H

#include <ration/segment.h>
#include <stdint.h>

struct kept_frame {
  uintptr_t pc;
  uintptr_t sp;
  uintptr_t fp;
  uint64_t hash;
  uintptr_t fp_at; /* these as unwind_frame has them */
  uint32_t by_fp;
  uint16_t needs_fp; /* a frame further out is found by it */
  uint16_t words;    /* that this frame and those further out went by */
};

/* A word of the stack that the walk went by. */
struct kept_word {
  uintptr_t from_room; /* where it is, less where the room is */
  uintptr_t value;
};

/* Where a thread's call stacks are put together. */
struct stack_room {
  uintptr_t taker; /* frame of whoever is at it: a signal handler that comes meanwhile finds it; 0: nobody */
  uint32_t turned_away; /* how many have found somebody since he came */
  uint32_t count;       /* frames of the last walk */
  int result;           /* how it ended, as walk_step; 0: too many frames */
  uint32_t site;        /* of the last walk, for the rest of its key; 0: not known */
  uint64_t site_rest;
  uint64_t generation;                             /* of modules, in which that was */
  uint64_t glanced;                                /* hash of the last glance */
  struct kept_frame kept[RATION_SITE_FRAMES_MOST]; /* the outermost first */
  struct kept_word words[2 * RATION_SITE_FRAMES_MOST];
  struct kept_frame walked[RATION_SITE_FRAMES_MOST]; /* the innermost first */
};

/*
 * Are the frames of the last walk what a walk from `start`, as below, would find? The most common case by far, where a
 * loop allocates: some 30 instructions, and 5 for each word.
 */
int stack_memo_stands(const struct stack_room *room, const void *start, uint64_t generation);

#define GLANCE_FRAMES 12

/* What is known of a stack by a glance. */
struct stack_glance {
  uint64_t hash; /* of its innermost frame */
  uint32_t count;
};

/*
 * Where they do not stand: is it another stack that leaves the last walk's soon, as where a function is called by now here,
 * now there? Then its hash, which is all that it takes where it has been met before: `room` stays as it is, and that
 * spares keeping what would be overwritten the next time. 0: more than GLANCE_FRAMES differ, or it is the same stack as at
 * the last glance, and worth to be walked and kept. In-malloc.
 */
int stack_memo_glance(struct stack_room *room, const void *start, uint64_t generation,
                      int (*is_way_in)(uintptr_t pc), struct stack_glance *ret_glance);

/*
 * Walks outward from the caller of the function whose frame `start` is (unwind_from), but for the frames at first that
 * is_way_in says are not the program's. Afterwards `room` has count, kept and result; the hash of it all is that of the
 * innermost frame, kept[count - 1]. What was walked in another generation of the modules is not remembered: other code
 * may stand at its addresses. In-malloc.
 */
void stack_memo_walk(struct stack_room *room, const void *start, uint64_t generation,
                     int (*is_way_in)(uintptr_t pc));

#endif
