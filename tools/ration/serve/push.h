/*
 * push.h: at each round the profiles of all processes that live and have samples, into the outbox.
 */
#ifndef RATION_TOOL_SERVE_PUSH_H
#define RATION_TOOL_SERVE_PUSH_H

#include "serve/lane.h"
#include "serve/outbox.h"

struct push;

/* Returns what outbox_open() returns. */
int push_open(const char *url, struct serving *serving, struct push **ret_push, struct fault *ret_fault);

/* Begins a round, in that lane, unless the one before is still under way. */
void push_round(struct push *push, struct lane *lane);

/* Once the lane of its rounds is stopped. Returns how many profiles were not sent. NULL: there is none. */
size_t push_close(struct push *push);

#endif
