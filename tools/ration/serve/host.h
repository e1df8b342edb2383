/*
 * host.h: the tracked processes of this host that may be read from here: those whose segments lie where all look, and
 * those of containers, by /proc/PID/root.
 */
#ifndef RATION_TOOL_SERVE_HOST_H
#define RATION_TOOL_SERVE_HOST_H

#include "reader/process.h"
#include "serve/kept.h"
#include "serve/walk.h"

/* What is kept from one visit to the next; all zero before the first. */
struct host_kept {
  struct walk
      walk; /* for some seconds: so long a process of another namespace, or in a memfd, may not be met */
  struct kept_book book;
};

/* What of them is wanted. */
struct host_wishes {
  uint32_t pid;        /* where it lives; 0: any */
  const char *program; /* NULL: any */
  bool wants_ended;    /* also those that have left a segment */
  struct host_kept
      *kept; /* of each process the books alone, with what is kept; NULL: all of it, and nothing is kept */
};

struct host_tally {
  size_t read;
  size_t unreadable; /* segments that are another user's, or make no sense */
};

/*
 * Each of them, in no order: `own_pid` is its pid as it is here, 0: it has ended. The process is the visitor's until it
 * returns; not 0 ends the visit. Where processes that live are wanted, of one that exec has replaced there is only the
 * last image.
 */
typedef int host_visitor(struct process *process, uint32_t own_pid, void *context);

/* Returns 0, what the visitor has returned, or -ENOMEM. */
int host_visit(const struct host_wishes *wishes, host_visitor *visit, void *context,
               struct host_tally *ret_tally);

void host_kept_free(struct host_kept *kept);

#endif
