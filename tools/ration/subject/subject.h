/*
 * subject.h: what a user names on the command line, and wants to know about: a pid, a segment's file, a recording, or
 * nothing. One process, or, of a recording, several.
 *
 * Of each process `path` and `is_memfd` are what the readers of its sites, samples, events and timeline take, wherever
 * it comes from.
 */
#ifndef RATION_TOOL_SUBJECT_SUBJECT_H
#define RATION_TOOL_SUBJECT_SUBJECT_H

#include "reader/event_list.h"
#include "reader/process.h"
#include "reader/timeline.h"
#include "subject/recorded.h"
#include "symbols/symbols.h"

struct subject {
  struct process **processes;     /* allocated; the one that was started first, then by when they started */
  size_t count;                   /* at least 1 */
  struct recorded_list recording; /* none: all zero */
};

/*
 * `wanted` as in reader/wanted.h, or a recording: FILE, or FILE:PID, one of its processes. Returns 0, with a subject to be
 * closed; or what wanted_read() or recorded_list_read() return; with words.
 */
int subject_open(const char *wanted, struct subject *ret_subject, struct fault *ret_fault);
void subject_close(struct subject *subject);

/* Whether it names a recording, or a process of one; NULL does not. */
bool subject_is_recording(const char *wanted);

/* Whether its pid is, or was, one of this machine's, as pids are seen here: else it is somebody else's. */
bool subject_is_of_here(const struct process *process);

/* What names the frames of one of its processes; `places` but for the pid. NULL: no memory. */
struct symbols *subject_symbols(const struct process *process, const struct symbol_places *places);

/*
 * What happened, as event_list_read_path() tells; of a process that comes from a recording, all that it has, and not only
 * what the ring held at the end.
 */
int subject_events(const struct process *process, struct event_list *ret_list, struct fault *ret_fault);

/*
 * What it had charged in the course of time, as timeline_read_path() tells; of one that was not recorded to its end also
 * what it had at the moments of the recording.
 */
int subject_timeline(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault);

/*
 * The same, of a recorded one always with its moments: at most 4,000 points for them, and where they are more, of those that
 * follow one another the one with the most.
 */
int subject_course(const struct process *process, struct timeline *ret_timeline, struct fault *ret_fault);

/*
 * How fast its categories grow, by subject_timeline(), into its snapshot; of a process younger than any window nothing is
 * known, and its timeline is not even looked at. Returns 0, or what that returns, with words.
 */
int subject_take_growth(struct process *process, struct fault *ret_fault);

#endif
