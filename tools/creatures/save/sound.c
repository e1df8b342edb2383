/*
 * sound.c: for each record, which of its words are floats, and from where to where they go. Where nothing says how far, it is
 * as far as no world has it, and as near as no sum of it leaves the range of the whole numbers that it is made into.
 */
#include "save/sound.h"

#define FAR  2e6f /* units, seconds: more than any world has, LONG_AGO among it */
#define FAST 1e3f /* units a second, and what is about as much */

/* Floats one after another. */
struct span {
  size_t at, count;
  float least, most;
};

#define SPAN(TYPE, FIRST, COUNT, LEAST, MOST)                                                                \
  { offsetof(TYPE, FIRST), COUNT, LEAST, MOST }
#define IS_WITHIN(RECORD, SPANS) is_within(RECORD, SPANS, sizeof(SPANS) / sizeof *(SPANS))

/* Not a number is in no range. */
static int is_within(const void *record, const struct span *spans, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float *values = (const float *)(const void *)((const char *)record + spans[i].at);
    for (size_t value = 0; value < spans[i].count; value++)
      if (!(values[value] >= spans[i].least && values[value] <= spans[i].most)) return 0;
  }
  return 1;
}

int sound_hot(const struct hot *hot) {
  static const struct span spans[] = {SPAN(struct hot, position, 3, 0, FAR),
                                      SPAN(struct hot, velocity, 3, -FAST, FAST),
                                      SPAN(struct hot, health, 1, 0, 1), SPAN(struct hot, energy, 1, -1, 1)};
  return hot->flags & FLAG_ALIVE && hot->state < STATES && IS_WITHIN(hot, spans);
}

int sound_lane(const struct positions_entry *lane) {
  static const struct span spans[] = {
      SPAN(struct positions_entry, x, 3, 0, FAR), SPAN(struct positions_entry, velocity_x, 3, -FAST, FAST),
      SPAN(struct positions_entry, wanted_x, 2, -FAST, FAST),
      SPAN(struct positions_entry, ground, 1, 0, FAST), SPAN(struct positions_entry, ease, 1, 0, 1)};
  return IS_WITHIN(lane, spans);
}

int sound_look(const struct look *look) {
  static const struct span spans[] = {SPAN(struct look, colour, 4, 0, 2), SPAN(struct look, size, 1, 0, FAST),
                                      SPAN(struct look, heading, 2, -FAST, FAST)};
  return IS_WITHIN(look, spans);
}

int sound_warm(const struct warm *warm) {
  static const struct span spans[] = {SPAN(struct warm, movement.waypoint, 6, -FAR, FAR),
                                      SPAN(struct warm, movement.speed, 4, 0, FAST),
                                      SPAN(struct warm, movement.walked, 1, 0, FAR),
                                      SPAN(struct warm, movement.metabolism, 1, 0, 1),
                                      SPAN(struct warm, sensory.food, 9, -FAR, FAR),
                                      SPAN(struct warm, sensory.danger, 1, 0, 1),
                                      SPAN(struct warm, sensory.neighbour_liking, 1, -1, 1),
                                      SPAN(struct warm, social.friend_liking, 4, -1, 1),
                                      SPAN(struct warm, social.last_met_age, 1, 0, FAR),
                                      SPAN(struct warm, emotional, 8, 0, 1),
                                      SPAN(struct warm, decision.place, 5, -FAR, FAR),
                                      SPAN(struct warm, decision.recalled_value, 1, -FAR, FAR)};
  return warm->decision.action < ACTIONS && IS_WITHIN(warm, spans);
}

int sound_genetics(const struct genetics *genetics) {
  static const struct span spans[] = {SPAN(struct genetics, genes, GENES, 0, 1)};
  return IS_WITHIN(genetics, spans);
}

int sound_biography(const struct biography *biography) {
  static const struct span spans[] = {SPAN(struct biography, lifespan, 1, 0, FAR)};
  return IS_WITHIN(biography, spans);
}

int sound_event(const struct event *event) {
  static const struct span spans[] = {SPAN(struct event, x, 2, -FAR, FAR),
                                      SPAN(struct event, value, 1, -FAR, FAR)};
  return event->kind < EVENT_KINDS && IS_WITHIN(event, spans);
}

int sound_memories(const struct memory *memories, size_t count) {
  static const struct span spans[] = {SPAN(struct memory, x, 2, -FAR, FAR),
                                      SPAN(struct memory, value, 2, -2, 2)};
  for (size_t i = 0; i < count; i++)
    if (!IS_WITHIN(&memories[i], spans)) return 0;
  return 1;
}

int sound_relations(const struct relation *relations, size_t count) {
  static const struct span spans[] = {SPAN(struct relation, liking, 1, -1, 1)};
  for (size_t i = 0; i < count; i++)
    if (!IS_WITHIN(&relations[i], spans)) return 0;
  return 1;
}

int sound_behaviours(const struct behaviour *behaviours, size_t count) {
  static const struct span spans[] = {SPAN(struct behaviour, weight, 1, -1, 1)};
  for (size_t i = 0; i < count; i++)
    if (!IS_WITHIN(&behaviours[i], spans)) return 0;
  return 1;
}
