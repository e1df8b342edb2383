/*
 * member.h: what a row needs of an image of a process, whatever it was read from: a struct process is a thousand times
 * as large, and there may be thousands of them.
 */
#ifndef RATION_TOOL_SESSION_MEMBER_H
#define RATION_TOOL_SESSION_MEMBER_H

#include "reader/process.h"

/* Sums over processes. Each block is counted by the process that allocated it: what a fork has passed on is not in the
 * child's allocations. It is in what the child holds, though: so it does in its address space. */
struct member_figures {
  uint64_t processes;
  uint64_t running;
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t peak_bytes; /* of several processes: a sum of peaks, which need not have come at the same time */
  uint64_t allocations;
  uint64_t frees; /* a child may free what it has inherited: above allocations, then */
  uint64_t allocated_bytes;
  uint64_t error_bound_bytes; /* of live_bytes */
};

struct member {
  struct place_name name;
  uint32_t parent;
  uint32_t session_pid;
  uint64_t session_start; /* 0: of no session */
  uint64_t started_at_ns;
  uint64_t until_at; /* as of struct process */
  char program[RATION_PROGRAM_BYTES];
  enum process_state state;
  int exit_status;
  int signal;
  uint32_t threads;
  uint32_t passive;
  double uptime_seconds;
  bool is_alive;
  bool did_something; /* process_did_something() */
  struct member_figures figures;
  size_t number; /* in the order in which they were added */
};

struct member_list {
  struct member *members;
  size_t count;
  size_t room;
};

/* Returns 0 or -ENOMEM. */
int member_list_add(struct member_list *list, const struct process *process);
void member_list_free(struct member_list *list);

/* PID.START, as RATION_SESSION has it. */
#define MEMBER_SESSION_BYTES 48
void member_session_write(uint32_t pid, uint64_t start, char ret_text[MEMBER_SESSION_BYTES]);

/* Returns 0 or -EINVAL. */
int member_session_read(const char *text, uint32_t *ret_pid, uint64_t *ret_start);

/* Adds one to a sum. */
void member_figures_add(struct member_figures *sum, const struct member_figures *one);

#endif
