/*
 * pairing.h: which process of one subject is compared with which of another: those of one program, in their order.
 */
#ifndef RATION_TOOL_DIFF_PAIRING_H
#define RATION_TOOL_DIFF_PAIRING_H

#include "subject/subject.h"

struct pair {
  const struct process *before; /* NULL: `after` has no partner */
  const struct process *after;  /* NULL: `before` has none */
};

struct pairing {
  size_t count;
  struct pair *pair; /* allocated; in the order of `before`, then those of `after` without a partner */
};

/*
 * One process each are a pair, whatever they are called; what exec replaced is sooner beside its like. Images that were
 * replaced by exec before they did anything are left out. Returns 0, with a pairing to be freed, or -ENOMEM.
 */
int pairing_make(const struct subject *before, const struct subject *after, struct pairing *ret_pairing);
void pairing_free(struct pairing *pairing);

#endif
