/*
 * events.h: what has happened, in order, until the end of the frame that reads it: at most the limit; one more drops the
 * oldest.
 */
#ifndef CREATURES_WORLD_EVENTS_H
#define CREATURES_WORLD_EVENTS_H

#include <ration/kit/limits.h>
#include <ration/kit/ring_buffer.h>

enum event_kind {
  EVENT_BORN,
  EVENT_DIED,
  EVENT_ATE,
  EVENT_STARVED,
  EVENT_FOUGHT,
  EVENT_FLED,
  EVENT_COURTED,
  EVENT_MET,
  EVENT_LEARNED,
  EVENT_KINDS
};

struct event {
  uint64_t subject, object; /* ids; 0: nobody */
  float x, y;
  float value; /* of the kind: food taken, health lost, liking */
  uint32_t kind;
  uint32_t frame;
  uint32_t spare;
};

RATION_RING_BUFFER(event_ring, struct event);

struct events {
  struct event_ring ring;
  struct ration_limits *limits;
  uint64_t counts[EVENT_KINDS]; /* so far */
};

int events_init(struct events *events, struct ration_memory *memory, struct ration_limits *limits);
void events_done(struct events *events);
void events_push(struct events *events, const struct event *event);

/* The oldest; -ENOENT. */
int events_take(struct events *events, struct event *ret_event);

#endif
