/*
 * timeline_at.c: tier by tier, the finest first: what a coarser one has the finer ones have as well, as far back as they
 * reach. Each is gone through from its newest point back to the oldest moment that is asked for. Of all points the
 * first strip is copied, which has their time; the other strips of those alone that are wanted.
 */
#include "reader/timeline_at.h"

#include <errno.h>

#include "reader/timeline_tier.h"

#define STRETCH 64 /* points that are copied at once */
#define TRIES   3
#define MARGIN                                                                                               \
  8 /* the oldest points of a tier, which may be overwritten any moment, are left to the next one */

struct search {
  const struct segment_file *file;
  const struct layout *layout;
  uint32_t categories;
  uint64_t started_at;
  struct timeline_at *questions;
  size_t left; /* the first so many have no answer yet */
};

/* One tier; points are numbered as they were begun. */
struct tier {
  uint32_t number;
  uint64_t begun;
  uint64_t oldest;     /* that is looked at */
  uint64_t first, end; /* of the stretch whose first strips follow */
  struct ration_segment_strip strips[STRETCH];
};

static int search_all(struct search *search);
static int search_tier(struct search *search, uint32_t number);
static bool is_overwritten(const struct tier *tier, uint64_t begun);
static int answer(struct search *search, struct tier *tier);
static int copy_until(const struct search *search, struct tier *tier, uint64_t end);
static int take_point(const struct search *search, const struct tier *tier, uint64_t number,
                      struct timeline_point *ret_point);

int timeline_at_read(const struct segment_file *file, const struct layout *layout, uint32_t categories,
                     struct timeline_at *questions, size_t count, struct fault *ret_fault) {
  struct ration_segment_process process;
  struct search search = {file, layout, categories, .questions = questions};
  int error = 0;
  for (size_t i = 0; i < count; i++) questions[i].is_known = false;
  if (layout->tables[RATION_TABLE_TIMELINE].rows == 0) return 0;
  error = layout_copy_row(file, &layout->tables[RATION_TABLE_PROCESS], 0, &process, sizeof process);
  search.started_at = process.started_at;
  for (int try = 0; try < TRIES && !error; try++) {
    search.left = count;
    error = search_all(&search);
    if (error != -EAGAIN) break;
    for (size_t i = 0; i < count; i++) questions[i].is_known = false;
    error = 0;
  }
  if (!error) return 0;
  return fault_set(ret_fault, error == -ERANGE ? -EBADMSG : error, "corrupted: its timeline cannot be read");
}

static int search_all(struct search *search) {
  int error = 0;
  for (uint32_t tier = 0; tier < RATION_TIMELINE_TIERS && search->left > 0 && !error; tier++)
    error = search_tier(search, tier);
  return error;
}

/* -EAGAIN: what was read has been overwritten meanwhile. */
static int search_tier(struct search *search, uint32_t number) {
  struct tier tier = {.number = number};
  uint64_t begun;
  int error = timeline_tier_begun(search->file, search->layout, number, &tier.begun);
  uint64_t kept = timeline_tier_points[number] - (timeline_tier_is_life(number) ? 0 : MARGIN);
  tier.oldest = tier.begun > kept ? tier.begun - kept : 0;
  tier.first = tier.end = tier.begun;
  if (!error) error = answer(search, &tier);
  if (!error) error = timeline_tier_begun(search->file, search->layout, number, &begun);
  return error ? error : is_overwritten(&tier, begun) ? -EAGAIN : 0;
}

/* The place of the next point may be half written by now. Of the whole life every second point goes at times. */
static bool is_overwritten(const struct tier *tier, uint64_t begun) {
  if (timeline_tier_is_life(tier->number)) return begun < tier->begun;
  return begun - tier->oldest >= timeline_tier_points[tier->number];
}

/* As far back as this tier goes. */
static int answer(struct search *search, struct tier *tier) {
  uint64_t number = tier->begun;
  while (search->left > 0) {
    struct timeline_at *question = &search->questions[search->left - 1];
    uint64_t at_ns = 0;
    for (; number > tier->oldest; number--) {
      int error = number > tier->first ? 0 : copy_until(search, tier, number);
      if (error) return error;
      at_ns = timeline_tier_time(search->started_at, &tier->strips[number - 1 - tier->first]);
      if (at_ns && at_ns <= question->moment_ns) break;
    }
    if (number <= tier->oldest) return 0;
    int error = take_point(search, tier, number - 1, &question->point);
    if (error) return error;
    question->point.at_ns = at_ns;
    question->is_known = true;
    search->left--;
  }
  return 0;
}

/* Up to this point; where the ring comes round it begins. */
static int copy_until(const struct search *search, struct tier *tier, uint64_t end) {
  uint64_t capacity = timeline_tier_points[tier->number], round = (end - 1) / capacity * capacity;
  uint64_t first = end > tier->oldest + STRETCH ? end - STRETCH : tier->oldest;
  tier->first = first > round ? first : round;
  tier->end = end;
  return layout_copy_rows(search->file, &search->layout->tables[RATION_TABLE_TIMELINE],
                          timeline_tier_row(tier->number, 0, tier->first), tier->end - tier->first,
                          tier->strips, sizeof *tier->strips);
}

/* -EAGAIN: it has another time by now, so it may be of two moments: see timeline.c. */
static int take_point(const struct search *search, const struct tier *tier, uint64_t number,
                      struct timeline_point *ret_point) {
  const struct layout_table *table = &search->layout->tables[RATION_TABLE_TIMELINE];
  for (uint32_t group = 0; group * RATION_TIMELINE_STRIP <= search->categories; group++) {
    struct ration_segment_strip strip = tier->strips[number - tier->first];
    int error = group == 0
                    ? 0
                    : layout_copy_row(search->file, table, timeline_tier_row(tier->number, group, number),
                                      &strip, sizeof strip);
    if (error) return error;
    for (uint32_t i = 0; i < RATION_TIMELINE_STRIP; i++)
      ret_point->charged[group * RATION_TIMELINE_STRIP + i] = RATION_CHARGE_BYTES(strip.bytes[i]);
  }
  uint64_t time;
  int error =
      layout_copy_row(search->file, table, timeline_tier_row(tier->number, 0, number), &time, sizeof time);
  return error ? error : time == tier->strips[number - tier->first].bytes[0] ? 0 : -EAGAIN;
}
