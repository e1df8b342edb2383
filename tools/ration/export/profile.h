/*
 * profile.h: a pprof profile as it grows: its tables, in which everything stands once, and the packed file at the end.
 *
 * Where memory runs out that is kept, and said at the end; other calls need no check, and what they return is then 0.
 */
#ifndef RATION_TOOL_EXPORT_PROFILE_H
#define RATION_TOOL_EXPORT_PROFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "reader/module_list.h"
#include "sites/stack.h"

struct profile;

#define PROFILE_VALUES 4 /* alloc_objects, alloc_space, inuse_objects, inuse_space */

/* NULL: no memory. */
struct profile *profile_new(void);
void profile_free(struct profile *profile);

/* What follows is another process: its modules and addresses are others. */
void profile_begin_process(struct profile *profile, const struct module_list *modules);

/* The frames that one return address (as segments have it) stands for: innermost first. Returns the location's id. */
uint64_t profile_location(struct profile *profile, uint64_t frame, const struct stack_frame *frames,
                          size_t count);

struct profile_sample {
  const uint64_t *locations; /* the innermost first */
  size_t count;
  int64_t values[PROFILE_VALUES];
  const char *category;
  const char *program; /* NULL: there is one process */
  uint32_t pid;        /* of the program */
};
void profile_sample(struct profile *profile, const struct profile_sample *sample);

void profile_comment(struct profile *profile, const char *words);

/* Writes it, compressed. Returns 0 or -ENOMEM. */
struct profile_times {
  int64_t started_at_ns; /* since the epoch */
  int64_t duration_ns;
  int64_t period; /* bytes; 0: no samples are taken */
};
int profile_write(struct profile *profile, const struct profile_times *times, FILE *to);

#endif
