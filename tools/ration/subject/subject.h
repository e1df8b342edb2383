/*
 * subject.h: what a user names on the command line, and wants to know about: a pid, a segment's file, a recording, or
 * nothing. One process, or, of a recording, several.
 *
 * Of each process `path` and `is_memfd` are what the readers of its sites, samples, events and timeline take, wherever
 * it comes from.
 */
#ifndef RATION_TOOL_SUBJECT_SUBJECT_H
#define RATION_TOOL_SUBJECT_SUBJECT_H

#include "reader/process.h"
#include "symbols/symbols.h"

struct subject {
  struct process **processes; /* allocated; the one that was started first, then by when they started */
  size_t count;               /* at least 1 */
};

/*
 * `wanted` as in reader/wanted.h. Returns 0, with a subject to be closed; or what wanted_read() returns; with words.
 */
int subject_open(const char *wanted, struct subject *ret_subject, struct fault *ret_fault);
void subject_close(struct subject *subject);

/* What names the frames of one of its processes; `places` but for the pid. NULL: no memory. */
struct symbols *subject_symbols(const struct process *process, const struct symbol_places *places);

#endif
