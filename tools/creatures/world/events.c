/*
 * events.c: a ring of as many events as the limit.
 */
#include "world/events.h"

int events_init(struct events *events, struct ration_memory *memory, struct ration_limits *limits) {
  struct ration_limit_figures figures;
  struct events made = {.limits = limits};
  int error = ration_limits_stats(limits, RATION_LIMIT_EVENTS, &figures);
  if (!error) error = event_ring_init(&made.ring, memory, figures.limit.maximum);
  if (!error) *events = made;
  return error;
}

void events_done(struct events *events) {
  event_ring_done(&events->ring);
}

void events_push(struct events *events, const struct event *event) {
  int drop = ration_limits_add(events->limits, RATION_LIMIT_EVENTS, event_ring_count(&events->ring));
  for (; drop > 0; drop--) event_ring_pop_oldest(&events->ring, NULL);
  event_ring_push(&events->ring, *event, NULL);
  events->counts[event->kind]++;
}

int events_take(struct events *events, struct event *ret_event) {
  return event_ring_pop_oldest(&events->ring, ret_event);
}
