/*
 * event_ring.h: what happened lately: two rings of many writers that overwrite their oldest (ration/segment.h has
 * the layout, and how to read it).
 *
 * Nobody waits: a slot that another writer holds, or that a later lap has taken, is left to it, and the event is
 * counted as lost.
 */
#ifndef RATION_MODEL_EVENT_RING_H
#define RATION_MODEL_EVENT_RING_H

#include "model/segment.h"

struct event {
  uint64_t at;
  uint8_t kind; /* RATION_EVENT_* */
  uint8_t level;
  uint8_t old_level;
  uint8_t category;
  uint8_t budget;
  uint32_t thread;
  int32_t priority;
  uint64_t bytes;
  uint64_t limit;
  uint64_t freed;
  uint64_t detail;
};

void event_ring_put(struct segment *segment, const struct event *event);

/* What goes into the other ring, the stream of samples. */
struct sample_event {
  uint64_t at;
  uint32_t kind; /* RATION_EVENT_SAMPLE, or _FREED */
  uint32_t category;
  uint32_t thread;
  uint32_t site;
  uint64_t usable;
  uint64_t weight_or_lived; /* weight; of _FREED: ns that it lived */
  uint64_t address;
};
void event_ring_put_sample(struct segment *segment, const struct sample_event *event);

#endif
