/*
 * trigger.h: when to act: a category's budget that reaches a level, stays there, rises further.
 *
 * Pure: levels and times are given. It acts at each rise to its level or above it, and again whenever the time between
 * two acts has gone by while that stands. A rise that meets a busy moment stays due.
 */
#ifndef RATION_TOOL_WATCH_TRIGGER_H
#define RATION_TOOL_WATCH_TRIGGER_H

#include <ration/segment.h>
#include <stdbool.h>
#include <stddef.h>

#include "reader/fault.h"

#define TRIGGER_EVERY_NS  UINT64_C(10000000000)
#define TRIGGER_NAME_MOST (RATION_CATEGORY_NAME_BYTES - 1)

struct trigger {
  char category[RATION_CATEGORY_NAME_BYTES];
  uint32_t id; /* of the category in the watched process */
  uint32_t lowest;
  uint32_t level;    /* that was seen last */
  uint64_t since_at; /* that it holds since */
  bool is_due;       /* it has risen since the last act */
  uint64_t acted_ns; /* CLOCK_MONOTONIC */
};

/* Reads CATEGORY:LEVEL. Returns 0, or -EINVAL with words. */
int trigger_read(const char *text, struct trigger *ret_trigger, struct fault *ret_fault);

/* A level that holds since another moment than before has been left and reached again, though nobody saw it. */
void trigger_see(struct trigger *trigger, uint32_t level, uint64_t since_at);
bool trigger_is_due(const struct trigger *trigger, uint64_t now_ns, uint64_t every_ns);
void trigger_acted(struct trigger *trigger, uint64_t now_ns);

#endif
