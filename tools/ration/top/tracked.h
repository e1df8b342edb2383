/*
 * tracked.h: a process as top shows it: its figures and those of its categories, what they were a look ago, and the rates
 * that follow.
 *
 * Pure: it is made from processes that somebody has read. A figure is of a category with all below it; the node of
 * `total` is the process.
 */
#ifndef RATION_TOOL_TOP_TRACKED_H
#define RATION_TOOL_TOP_TRACKED_H

#include <limits.h>

#include "reader/process.h"
#include "reader/timeline.h"
#include "top/course.h"

struct node {
  char *name;      /* the whole path; allocated */
  uint32_t parent; /* id; 0 for `total` alone */
  uint32_t depth;
  bool is_folded;
  bool is_used; /* it has, or had, a block or a budget */
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t peak_bytes;
  uint64_t allocations; /* so far, as the next two: of which rates are made */
  uint64_t frees;
  uint64_t allocated_bytes;
  uint64_t limit_bytes; /* 0: no budget */
  uint64_t used_bytes;
  uint32_t level; /* RATION_LEVEL_*, as the program sees it */
  bool has_rates; /* there were two looks */
  double allocations_per_second;
  double frees_per_second;
  double allocated_bytes_per_second;
  double change_bytes_per_second;
  int64_t growth[GROWTH_WINDOWS]; /* bytes an hour; FIELD_UNKNOWN: not known */
  struct course course;
};

struct tracked {
  struct place_name name;
  char program[RATION_PROGRAM_BYTES];
  char path[PATH_MAX]; /* of its segment */
  bool is_memfd;
  struct process_kept kept; /* from look to look */
  uint32_t session_pid;
  uint64_t session_start;
  enum process_state state; /* as it was seen last: of one whose segment has gone meanwhile, still running */
  bool is_alive;            /* there is somebody whose figures may move */
  uint32_t passive;
  uint32_t threads;
  double uptime_seconds;
  uint64_t looked_ns;  /* CLOCK_MONOTONIC, as all of these: the last look */
  uint64_t ended_ns;   /* when it was noticed that it has; 0: not yet */
  uint64_t growth_ns;  /* when its growth was taken last; 0: never */
  bool is_met;         /* its first row was made */
  bool needs_course;   /* of before the first look, or of while nobody looked */
  uint32_t node_count; /* ids 1 .. node_count are there */
  struct node *nodes;  /* by id; allocated */
};

/* Takes a look: `process` is this one, or *tracked is all zero. Returns 0, or -ENOMEM: then nothing has changed. */
int tracked_take(struct tracked *tracked, const struct process *process, uint64_t now_ns);

/* The growth that the snapshot has, of the same process. */
void tracked_take_growth(struct tracked *tracked, const struct snapshot *snapshot, uint64_t now_ns);

/* What each row had in the last minute, anew, up to `end_ns` since the process's start. */
void tracked_take_course(struct tracked *tracked, const struct timeline *timeline, uint64_t end_ns);

/* It has ended, and nothing of it can be read any more: figures stay, and are of the last look. */
void tracked_end(struct tracked *tracked, uint64_t now_ns);

void tracked_free(struct tracked *tracked);

/* The row of the process itself. NULL: it has no categories, since it is not tracked. */
struct node *tracked_root(const struct tracked *tracked);

/* The highest level of all its budgets. */
uint32_t tracked_level(const struct tracked *tracked);

#endif
