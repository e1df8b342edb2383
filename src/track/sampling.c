/*
 * sampling.c: see sampling.h.
 *
 * A sample is put into the table before its block has the tag, and its site counts it after: so a tag always leads to a
 * sample, and a site never has fewer than the table. A block for which there is no room keeps its category as its tag.
 */
#include "track/sampling.h"

#include <errno.h>

#include "base/test_point.h"
#include "heap/heap.h"
#include "model/event_ring.h"
#include "model/sampler.h"
#include "model/sites.h"
#include "model/sizes.h"
#include "os/clock.h"
#include "os/counted_clock.h"
#include "os/stack.h"
#include "track/heartbeat.h"
#include "track/stacks.h"

/* A temporary block: see struct ration_segment_site. */
#define TEMPORARY_DISTANCE 8192
_Static_assert(HEARTBEAT_STEP == 1049, "what an allocation counts for, beside its bytes");

/*
 * Two to the power of anything would keep step with programs that free what they have just allocated, and never time the
 * one or the other; and with the pages of the ring, which have 64 events.
 */
#define TIMED      61
#define FIRST_ONES 32 /* the greatest power of two before */

static uint64_t shared_random;

static void take(void *block, const struct birth *birth, uint64_t mean);
static int take_room(struct stack_room *room, uintptr_t taker, uintptr_t asker);
static int has_room(const struct stack_room *room, uintptr_t taker);
static void give_back(struct stack_room *room, uintptr_t taker);
static uint32_t make_sample(struct ration_segment_sample *sample, const struct birth *birth,
                            uint32_t category, struct stack_room *room);
static void note_time(uint64_t started, uint64_t stands_for);
static void count_lost(uint32_t reason);

static inline uint32_t own_slab(void) {
  return thread.record->tallies ? thread.record->slab : 0;
}

static inline struct sample_shelf *own_shelf(void) {
  struct record *record = thread.record;
  return record->tallies ? &record->shelf : &segment.shared_shelf;
}

static inline uint64_t own_time(void) {
  struct record *record = thread.record;
  return record->tallies ? counted_clock_ns(&record->clock) : clock_ns();
}

/*
 * How many samples this one's time stands for, those since the last that was timed; 0: it is not timed. That is every
 * 61st, since reading the clock takes as long as much of the rest; and of the first, which are not like the others (code
 * is met, pages of the tables are opened), the first, second, fourth, ...
 */
static inline uint64_t timed_for(struct record *record) {
  if (!record->tallies) return 0;
  uint64_t count = ++record->samples;
  if (LIKELY(count > TIMED)) return UNLIKELY(count % TIMED == 0) ? TIMED : 0;
  int is_power = (count & (count - 1)) == 0;
  return is_power ? count - count / 2 : count == TIMED ? TIMED - FIRST_ONES : 0;
}

void sampling_take(void *block, const struct birth *birth, uint64_t mean) {
  thread_begin_steps();
  if (!process_has_forked()) take(block, birth, mean);
  thread_end_steps();
}

static void take(void *block, const struct birth *birth, uint64_t mean) {
  uint32_t category = heap_whose(block);
  struct record *record = thread.record;
  struct stack_room *room = record_room(record->tallies ? record : process_shared_record());
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  if (!category) return;
  if (!heap_may_mark(block)) {
    count_lost(RATION_SAMPLE_NO_ROOM);
    return;
  }
  if (!take_room(room, here, (uintptr_t)birth->asker.frame)) {
    count_lost(RATION_SAMPLE_NESTED);
    return;
  }
  uint64_t usable = heap_usable(block), started = own_time();
  struct ration_segment_sample sample = {.address = (uint64_t)(uintptr_t)block,
                                         .usable = usable,
                                         .at = started,
                                         .weight = sampler_weight(mean, usable),
                                         .position = heartbeat_position(record),
                                         .thread = thread_segment_id()};
  uint64_t slack = usable > birth->requested ? usable - birth->requested : 0;
  sample.slack = slack < UINT32_MAX ? (uint32_t)slack : UINT32_MAX;
  if (make_sample(&sample, birth, category, room)) heap_set_whose(block, RATION_TAG_SAMPLED);
  give_back(room, here);
  uint64_t stands_for = timed_for(record);
  if (UNLIKELY(stands_for)) note_time(started, stands_for);
}

/*
 * A room of one's own is taken by oneself, below a signal handler; or by nobody any more, since a handler has left by
 * longjmp. He is believed to be there for so many samples, unless who asks for a block now stands above him.
 */
#define TURNED_AWAY_MOST 100

static int has_left(struct stack_room *room, uintptr_t asker) {
  uintptr_t taker = load_relaxed(&room->taker), bytes = stack.own.top - stack.own.start;
  int is_above = asker >= taker && asker - stack.own.start < bytes && taker - stack.own.start < bytes;
  return is_above || ++room->turned_away > TURNED_AWAY_MOST;
}

static int take_room(struct stack_room *room, uintptr_t taker, uintptr_t asker) {
  uintptr_t nobody = 0;
  if (room == record_room(process_shared_record()))
    return cas_acq_rel(&room->taker, &nobody, taker); /* pairs with give_back */
  if (UNLIKELY(load_relaxed(&room->taker) != 0) && !has_left(room, asker)) return 0;
  room->turned_away = 0;
  store_relaxed(&room->taker, taker); /* a handler's, which has given it back when it returns */
  return 1;
}

/* Not so where a handler has taken it after all; or has forked, since the child's records are empty. */
static int has_room(const struct stack_room *room, uintptr_t taker) {
  return load_relaxed(&room->taker) == taker; /* one's own */
}

static void give_back(struct stack_room *room, uintptr_t taker) {
  if (has_room(room, taker)) store_release(&room->taker, 0); /* pairs with take_room */
}

static SLOW_PATH void note_time(uint64_t started, uint64_t stands_for) {
  struct record *record = thread.record;
  uint64_t now = own_time(), took = now > started ? now - started : 0; /* the clock may go back by a little */
  add_owned(&segment.slabs[record->slab].u.head.sampling_ns, clock_estimate(took, stands_for));
}

/* Returns whether it is one. The way is long, to where there is something to be written. */
static uint32_t make_sample(struct ration_segment_sample *sample, const struct birth *birth,
                            uint32_t category, struct stack_room *room) {
  uintptr_t taker = load_relaxed(&room->taker); /* one's own */
  int result =
      stacks_site(birth->asker, category, room, (struct site_birth){sample->at, own_slab()}, &sample->site);
  if (process_has_forked()) return 0;
  if (result < 0 || !has_room(room, taker)) {
    count_lost(result == -ENOSPC ? RATION_SAMPLE_NO_SITE : RATION_SAMPLE_NESTED);
    return 0;
  }
  if (samples_put(&segment, own_shelf(), sample) < 0) {
    count_lost(RATION_SAMPLE_NO_ROOM);
    return 0;
  }
  TEST_POINT("sampling:put");
  sites_count_sample(&segment, sample, birth->is_resized, own_slab());
  TEST_POINT("sampling:counted");
  sizes_count(&segment, category, sample->usable, sample->weight, own_slab());
  event_ring_put_sample(&segment, &(struct sample_event){.at = sample->at,
                                                         .kind = RATION_EVENT_SAMPLE,
                                                         .category = category,
                                                         .thread = sample->thread,
                                                         .site = sample->site,
                                                         .usable = sample->usable,
                                                         .weight_or_lived = sample->weight,
                                                         .address = sample->address});
  return 1;
}

void sampling_take_shared(void *block, const struct birth *birth) {
  uint64_t mean = sampling_mean();
  if (!mean || !sampler_choose_alone(&shared_random, mean, heap_usable(block))) return;
  sampling_take(block, birth, mean);
}

uint32_t sampling_site(uint32_t category) {
  struct record *record = thread.record;
  struct stack_room *room = record_room(record->tallies ? record : process_shared_record());
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  uint32_t site = 0;
  if (!take_room(room, here, here)) return 0;
  if (stacks_site((struct asker){0}, category, room, (struct site_birth){own_time(), own_slab()}, &site) < 0)
    site = 0;
  give_back(room, here);
  return site;
}

static void count_lost(uint32_t reason) {
  add_relaxed(&segment.process->samples_lost[reason], 1); /* a sum */
}

/* ---- the end -------------------------------------------------------------------------------------------- */

SAMPLE_PATH uint32_t sampling_lift_slow(const void *block, struct ration_segment_sample *ret_sample) {
  uint64_t address = (uint64_t)(uintptr_t)block;
  thread_begin_steps();
  int result = process_has_forked() ? samples_find(&segment, address, ret_sample)
                                    : samples_take(&segment, own_shelf(), address, ret_sample);
  thread_end_steps();
  if (result < 0) return RATION_CATEGORY_OTHER;
  return sites_category(&segment, ret_sample->site);
}

/* Of the same thread, few of whose allocations came between: the position counts those. */
static int is_temporary(const struct ration_segment_sample *sample, uint32_t own_thread) {
  uint32_t distance = heartbeat_position(thread.record) - sample->position;
  return own_thread && sample->thread == own_thread && distance < TEMPORARY_DISTANCE;
}

static void end_sample(const struct ration_segment_sample *sample) {
  uint64_t now = own_time(), lived = now > sample->at ? now - sample->at : 0;
  uint32_t own_thread = thread_segment_id();
  TEST_POINT("sampling:lifted");
  struct sample_end end = {.lived_ns = lived, .is_temporary = is_temporary(sample, own_thread)};
  sites_count_end(&segment, sample, end, own_slab());
  event_ring_put_sample(&segment, &(struct sample_event){.at = now,
                                                         .kind = RATION_EVENT_SAMPLE_FREED,
                                                         .category = sites_category(&segment, sample->site),
                                                         .thread = own_thread,
                                                         .site = sample->site,
                                                         .usable = sample->usable,
                                                         .weight_or_lived = lived,
                                                         .address = sample->address});
  uint64_t stands_for = timed_for(thread.record);
  if (UNLIKELY(stands_for)) note_time(now, stands_for);
}

SAMPLE_PATH void sampling_end_slow(const struct ration_segment_sample *sample) {
  thread_begin_steps();
  if (!process_has_forked()) end_sample(sample);
  thread_end_steps();
}

uint32_t sampling_put_back(const struct ration_segment_sample *sample, uint32_t category) {
  if (!sample->site || process_has_forked()) return category;
  if (samples_put(&segment, own_shelf(), sample) == 0) return RATION_TAG_SAMPLED;
  count_lost(RATION_SAMPLE_NO_ROOM);
  sampling_end(sample);
  return category;
}

SLOW_PATH uint32_t sampling_category_slow(const void *block) {
  struct ration_segment_sample sample;
  if (samples_find(&segment, (uint64_t)(uintptr_t)block, &sample) < 0) return RATION_CATEGORY_OTHER;
  return sites_category(&segment, sample.site);
}

void sampling_forget(void) {
  struct record *shared = process_shared_record();
  if (shared) store_relaxed(&record_room(shared)->taker, 0); /* alone */
}
