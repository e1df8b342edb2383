/*
 * stack_memo.c: see stack_memo.h.
 */
#include "track/stack_memo.h"

#include <errno.h>

#include "base/atomics.h"
#include "base/compiler.h"
#include "track/stack_hash.h"
#include "track/walk.h"

#define WORD  sizeof(uintptr_t)
#define NEVER ((uintptr_t)(const void *)&never)

static const uintptr_t never; /* a word that is not what it was */

static uint32_t walk(struct stack_room *room, const void *start, int (*is_way_in)(uintptr_t pc), int at,
                     uint32_t *ret_walked);
static int is_followed_alike(const struct stack_room *room, const struct unwind_frame *frame,
                             uint32_t number);
static inline int is_here(const struct kept_frame *kept, const struct unwind_frame *frame);
static int meet(struct stack_room *room, const struct unwind_frame *frame, int *at);
static void join(struct stack_room *room, uint32_t stayed, uint32_t walked);
static void note_words(struct stack_room *room, uint32_t number);

/* Of a stack that had too many frames, or came to a doubtful end, nothing is taken for granted the next time. */
static inline int is_sure(const struct stack_room *room, uint64_t generation) {
  return (room->result == -ENOENT || room->result == -ENOTSUP) && room->generation == generation;
}

/* The innermost frame is no way in, or it would not have been kept. */
int stack_memo_stands(const struct stack_room *room, const void *start, uint64_t generation) {
  if (!is_sure(room, generation) || !room->count) return 0;
  struct unwind_frame frame = unwind_from(start);
  return is_followed_alike(room, &frame, room->count - 1);
}

/* That the innermost kept frame is not followed alike is known already. */
int stack_memo_glance(struct stack_room *room, const void *start, uint64_t generation,
                      int (*is_way_in)(uintptr_t pc), struct stack_glance *ret_glance) {
  struct unwind_frame frame = unwind_from(start);
  uintptr_t walked[GLANCE_FRAMES];
  uint32_t count = 0;
  int last = (int)room->count - 1, at = last;
  if (!is_sure(room, generation)) return 0;
  for (;;) {
    if (count > 0 || !is_way_in(frame.pc)) {
      while (at >= 0 && room->kept[at].sp < frame.sp) at--;
      if (at < 0) return 0;
      if (at != last && is_here(&room->kept[at], &frame) && is_followed_alike(room, &frame, (uint32_t)at))
        break;
      if (count == GLANCE_FRAMES) return 0;
      walked[count++] = frame.pc;
    }
    if (walk_step(&frame) != 0) return 0;
  }
  uint64_t hash = room->kept[at].hash, before = room->glanced;
  ret_glance->count = (uint32_t)at + 1 + count;
  while (count > 0) hash = stack_hash_with(hash, walked[--count]);
  ret_glance->hash = room->glanced = hash;
  return hash != before && ret_glance->count <= RATION_SITE_FRAMES_MOST;
}

void stack_memo_walk(struct stack_room *room, const void *start, uint64_t generation,
                     int (*is_way_in)(uintptr_t pc)) {
  room->site = 0;
  int last = is_sure(room, generation) ? (int)room->count - 1 : -1;
  uint32_t walked, stayed = walk(room, start, is_way_in, last, &walked);
  if (UNLIKELY(stayed + walked > RATION_SITE_FRAMES_MOST)) stayed = walk(room, start, is_way_in, -1, &walked);
  join(room, stayed, walked);
  room->generation = generation;
}

static inline uintptr_t room_address(const struct stack_room *room) {
  return (uintptr_t)(const void *)room;
}

/* Word by word, as they were written: wider ones would wait for those. What join finds out is not there yet. */
static inline void keep(struct kept_frame *kept, const struct unwind_frame *frame) {
  kept->pc = frame->pc;
  kept->sp = frame->sp;
  kept->fp = frame->fp;
  kept->fp_at = frame->fp_at;
  kept->by_fp = frame->by_fp;
}

/* `at` is the innermost kept frame, or -1. Returns how many have stayed; 0: it was walked to the end. */
static uint32_t walk(struct stack_room *room, const void *start, int (*is_way_in)(uintptr_t pc), int at,
                     uint32_t *ret_walked) {
  struct unwind_frame frame = unwind_from(start);
  uint32_t walked = 0;
  int result;
  do {
    if (walked == 0 && is_way_in(frame.pc)) continue;
    int met = at < 0 ? -1 : meet(room, &frame, &at);
    *ret_walked = walked;
    if (met >= 0) return (uint32_t)met + 1;
    if (walked == RATION_SITE_FRAMES_MOST) {
      room->result = 0;
      return 0;
    }
    keep(&room->walked[walked++], &frame);
  } while ((result = walk_step(&frame)) == 0);
  *ret_walked = walked;
  room->result = result;
  return 0;
}

static inline __attribute__((no_sanitize("address"))) int has_changed(const struct stack_room *room,
                                                                      const struct kept_word *word) {
  uintptr_t at = room_address(room) + load_relaxed(&word->from_room); /* one's own */
  return *(const uintptr_t *)at != word->value;
}

/*
 * Do these words stand as they did? From the inner end, and none behind one that has changed: the stack may be another
 * one by now, a smaller one, and of it a word is there only if a walk would come to it. A sanitizer may think that some
 * are others' alone. What fork has wiped meanwhile, in a signal handler, leads to the room itself.
 */
static __attribute__((no_sanitize("address"))) int still_stand(const struct stack_room *room,
                                                               uint32_t count) {
  const struct kept_word *word = room->words + count;
  for (; count % 4 != 0; count--)
    if (UNLIKELY(has_changed(room, --word))) return 0;
  for (; word > room->words; word -= 4) {
    if (UNLIKELY(has_changed(room, word - 1)) || UNLIKELY(has_changed(room, word - 2))) return 0;
    if (UNLIKELY(has_changed(room, word - 3)) || UNLIKELY(has_changed(room, word - 4))) return 0;
  }
  return 1;
}

static inline int is_here(const struct kept_frame *kept, const struct unwind_frame *frame) {
  return kept->sp == frame->sp && kept->pc == frame->pc;
}

/* Is the kept frame of this number this one, and followed by what it was followed by? */
static int is_followed_alike(const struct stack_room *room, const struct unwind_frame *frame,
                             uint32_t number) {
  const struct kept_frame *kept = &room->kept[number];
  if (!is_here(kept, frame)) return 0;
  if (kept->needs_fp && kept->fp != frame->fp) return 0;
  if (room->kept[0].sp > frame->top) return 0; /* it may not be there any more */
  return still_stand(room, number ? kept[-1].words : 0);
}

/* The number of the kept frame that is this one; or -1. *at goes outward with the walk. */
static int meet(struct stack_room *room, const struct unwind_frame *frame, int *at) {
  while (*at >= 0 && room->kept[*at].sp < frame->sp) --*at;
  if (*at < 0 || !is_followed_alike(room, frame, (uint32_t)*at)) return -1;
  struct kept_frame *kept = &room->kept[*at];
  kept->fp = frame->fp; /* as this walk came to it, from now on */
  kept->fp_at = frame->fp_at;
  kept->by_fp = frame->by_fp;
  note_words(room, (uint32_t)*at);
  return *at;
}

/* The words that frame and those further out went by, when those of the latter are noted. */
static void note_words(struct stack_room *room, uint32_t number) {
  struct kept_frame *frame = &room->kept[number];
  uint32_t count = number ? frame[-1].words : 0;
  int is_plain = frame->fp_at != UNWIND_OTHERWISE;
  uintptr_t own = room_address(room);
  room->words[count++] =
      is_plain ? (struct kept_word){frame->sp - WORD - own, frame->pc} : (struct kept_word){NEVER - own, 1};
  if (is_plain && frame->fp_at && frame->needs_fp)
    room->words[count++] = (struct kept_word){frame->fp_at - own, frame->fp};
  frame->words = (uint16_t)count;
}

/* The walked frames, behind those that stayed. */
static void join(struct stack_room *room, uint32_t stayed, uint32_t walked) {
  uint64_t hash = stayed ? room->kept[stayed - 1].hash : 0;
  for (uint32_t i = 0; i < walked; i++) {
    struct kept_frame *frame = &room->kept[stayed + i], *outer = frame - 1;
    *frame = room->walked[walked - 1 - i];
    hash = stack_hash_with(hash, frame->pc);
    frame->hash = hash;
    frame->needs_fp = stayed + i > 0 && (outer->by_fp || (outer->fp_at == 0 && outer->needs_fp));
    note_words(room, stayed + i);
  }
  room->count = stayed + walked;
}
