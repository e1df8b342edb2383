/*
 * session.h: the process tree that one `ration run` started, and the folders where its segments lie: what the
 * environment said when this image began. The program may change its environment later, and its forked children
 * belong where it does.
 */
#ifndef RATION_TRACK_SESSION_H
#define RATION_TRACK_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "os/process.h"

#define SESSION_FOLDERS_MOST 4

struct session {
  uint32_t pid; /* of `ration run`; 0: there is none, or it is gone */
  uint64_t start_ticks;
  size_t folder_count;
  char folders[SESSION_FOLDERS_MOST][256]; /* in the order in which they are tried */
};

extern struct session session;

/* Reads RATION_SESSION=PID.START, and the folders. Once. */
void session_prepare(void);

/*
 * Is this process a child, rather than the root of its tree? A child is one whose parent is not the `ration run`
 * of its session or, without a session, one that has an ancestor with a segment. For `follow=none`.
 */
int session_has_parent(const struct process_identity *identity);

#endif
