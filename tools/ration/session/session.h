/*
 * session.h: the processes of a session, merged: the sum, by program, and as the tree in which they started one another.
 *
 * A process may have several images (exec); they come one after another. What it holds is what the last of them holds,
 * its peak is the highest of theirs, and what they allocated adds up.
 */
#ifndef RATION_TOOL_SESSION_SESSION_H
#define RATION_TOOL_SESSION_SESSION_H

#include "session/member.h"

#define SESSION_NOBODY SIZE_MAX

/* A process of the session. */
struct session_process {
  const struct member *images; /* the last one is the process as it is now */
  size_t image_count;
  size_t parent; /* index; SESSION_NOBODY: who started it is none of the session's that is known */
  size_t depth;  /* 0: has no parent here */
  struct member_figures figures;
};

/* All images of one program. */
struct session_program {
  const char *program;
  struct member_figures figures; /* of the images that are this program */
};

struct session {
  uint32_t pid; /* of the `ration run` that started it, with `start` */
  uint64_t start;
  uint64_t started_at_ns; /* its first image, as far as is known */
  struct member *members;
  size_t member_count;
  struct session_process *processes; /* each behind its parent; of siblings the older first */
  size_t process_count;
  struct session_program *programs; /* by peak, the largest first */
  size_t program_count;
  struct member_figures total;
};

/* The session that was started last. Returns 0, or -ENOENT: none of them belongs to a session. */
int session_find_last(const struct member_list *list, uint32_t *ret_pid, uint64_t *ret_start);

/* Of what is known twice, the later counts. Returns 0, with a session to be freed; -ENOENT; -ENOMEM. */
int session_make(const struct member_list *list, uint32_t pid, uint64_t start, struct session *ret_session);
void session_free(struct session *session);

/* The image as which the process is known. */
const struct member *session_process_last(const struct session_process *process);

#endif
