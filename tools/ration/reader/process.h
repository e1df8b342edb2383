/*
 * process.h: one tracked process: what its segment says, and how it stands by /proc.
 */
#ifndef RATION_TOOL_READER_PROCESS_H
#define RATION_TOOL_READER_PROCESS_H

#include <limits.h>

#include "reader/procfs.h"
#include "reader/resident.h"
#include "reader/snapshot.h"

struct recorded; /* subject/recorded.h */

enum process_state {
  PROCESS_RUNNING,
  PROCESS_STOPPED,
  PROCESS_EXITED,    /* by exit(3), or with a status where somebody waited for it */
  PROCESS_KILLED,    /* by a signal, where somebody waited for it */
  PROCESS_GONE,      /* without a word: a signal, or _exit(2) */
  PROCESS_REPLACED,  /* by a later image of the same process */
  PROCESS_ELSEWHERE, /* in another pid namespace: nothing can be told from here */
};

#define PROCESS_ROOT_BYTES 32

struct process {
  struct snapshot snapshot;
  enum process_state state;
  int exit_status; /* -1: not known */
  int signal;      /* that killed it; -1: none, or not known */
  uint32_t threads;
  double uptime_seconds; /* of this image; < 0: not known when it ended */
  uint64_t error_bound_bytes;
  bool is_copy;                    /* that the process made of its segment */
  uint32_t copy;                   /* the number of a copy, by its name; 0: none, or the user has named it */
  const struct recorded *recorded; /* where it stands in a recording; NULL: it comes from none */
  struct fault recording_remark;   /* what a reader had better know of that; else no words */
  uint64_t
      until_at;  /* CLOCK_MONOTONIC: when what is said here was so; now, at its end, or as far as is known */
  bool is_memfd; /* the segment ends with its process */
  char path[PATH_MAX];           /* of the segment */
  char root[PROCESS_ROOT_BYTES]; /* of a container, "/proc/PID/root": where its files lie; else empty */
  bool has_resident;
  struct resident resident; /* the last that was taken, of this image */
  double resident_age_seconds;
  struct fault resident_fault; /* why there is none, where there should be one; else no words */
};

/* Running or stopped: there is somebody whose figures may still move. Never of a copy, or in a recording. */
bool process_is_alive(const struct process *process);

/* A shell forks, then execs at once: such images hold little but what they inherited, and are not worth a row. */
bool process_did_something(const struct process *process);

/*
 * Reads the segment at `path` and looks its owner up. Returns what snapshot_read_path() returns, or what
 * process_check_user() does of a process that lives here.
 */
int process_read(const char *path, bool is_memfd, struct process *ret_process, struct fault *ret_fault);

/* What is kept of a process from one look to the next; all zero before the first. */
struct process_kept {
  struct place_name name; /* whose segment this image was seen to map; pid 0: nobody's */
  struct proc_image image;
};

/*
 * The same for those who look again and again: of the segment the books alone (snapshot_read_books). `stat`: what /proc has just
 * said of the process; NULL: it is asked.
 */
int process_read_books(const char *path, bool is_memfd, const struct proc_stat *stat,
                       struct process_kept *kept, struct process *ret_process, struct fault *ret_fault);

/*
 * Whoever may make files in a folder can make one by the name of somebody else's process. What it says is taken for the
 * process's where the file is the caller's own, root's, or that process's user's; `pid`: its number here. Returns 0 or -EPERM.
 */
int process_check_user(const struct process *process, uint32_t pid, struct fault *ret_fault);

/* What a recording knows of a process besides its segment. */
struct process_known {
  bool has_ended;
  enum process_state state; /* if it has */
  bool was_waited_for;
  int wait_status;      /* if so */
  uint64_t ended_at_ns; /* since the epoch; 0: not known */
  uint64_t last_at;     /* the last moment that it is known of: CLOCK_MONOTONIC */
  uint64_t last_ns;     /* the same since the epoch */
};

/* The same of a segment as it was then: /proc is not asked. */
int process_read_recorded(const char *path, const struct process_known *known,
                          const struct recorded *recorded, struct process *ret_process,
                          struct fault *ret_fault);

/* Takes the figures of its resident memory, if it lives and its setting `memory` is on. */
void process_take_resident(struct process *process);

/* Counts what its page heap holds by now, if it lives and has one; where its memory may not be read, what the process has
 * counted itself stays. */
void process_count_pages(struct process *process);

/* Figures that were taken of it earlier. */
void process_set_resident(struct process *process, const struct resident *resident);

/* Likewise; `until_ns`: up to when their age counts, since the epoch. */
void process_set_resident_until(struct process *process, const struct resident *resident, uint64_t until_ns);

/* How a process ended, by somebody who waited for it: its wait status, and when that was. */
void process_set_ended(struct process *process, int wait_status, uint64_t ended_at_ns);

/* It was there at that moment: where nobody knows when it ended, what is known of it reaches so far. */
void process_note_moment(struct process *process, uint64_t at);

/* Nanoseconds since the epoch. */
uint64_t process_clock_ns(void);

/* Whether the pid still belongs to the process of that start time. */
bool process_is_there(uint32_t pid, uint64_t start_ticks);

#endif
