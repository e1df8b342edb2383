/*
 * outbox.h: profiles on their way to a server of profiles: a queue that is bounded, and a thread that sends them, one by
 * one. What cannot be sent now is tried again a few times; what finds no room drives out the oldest.
 */
#ifndef RATION_TOOL_SERVE_OUTBOX_H
#define RATION_TOOL_SERVE_OUTBOX_H

#include <stddef.h>

#include "reader/fault.h"
#include "serve/serving.h"

#define OUTBOX_MOST  256                /* that wait */
#define OUTBOX_BYTES ((size_t)64 << 20) /* of all of them */

/* One profile, in allocated memory that becomes the outbox's. */
struct parcel {
  char *name; /* PROGRAM{LABEL=VALUE,...} */
  char *profile;
  size_t profile_bytes;
  char *before; /* the one before of the same process; NULL: none */
  size_t before_bytes;
  int64_t from, until; /* seconds since the epoch */
};

void parcel_free(struct parcel *parcel);

struct outbox;

/* Returns 0; -ERANGE: it is no URL of http or https; -ENOMEM; with words. */
int outbox_open(const char *url, struct serving *serving, struct outbox **ret_outbox,
                struct fault *ret_fault);

/* In whatever thread. */
void outbox_put(struct outbox *outbox, struct parcel *parcel);

/* What has not been sent is given up. Returns how many of those there are. NULL: there is none. */
size_t outbox_close(struct outbox *outbox);

#endif
