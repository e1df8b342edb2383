/*
 * origins.h: where blocks come from: the tables of sites, frames, modules and sizes, followed.
 *
 * The ring of samples says which rows have changed since the last look; where it has lost some, and at the last look, all
 * are read. A row's frames are recorded before it.
 */
#ifndef RATION_TOOL_RECORD_ORIGINS_H
#define RATION_TOOL_RECORD_ORIGINS_H

#include "reader/event_cursor.h"
#include "record/books.h"
#include "record/marks.h"

/* Of one image. */
struct origins {
  struct event_cursor stream;
  bool has_looked;
  uint64_t modules;   /* rows below it are recorded */
  struct marks sites; /* to be read; as the next */
  struct marks sizes; /* by category */
  struct marks known; /* sites whose frames are recorded */
  uint64_t *frames;   /* all that stand in a site, each once or more; allocated */
  size_t frame_count, frame_room;
};

int origins_open(const struct mirror *mirror, struct origins *ret_origins);
void origins_close(struct origins *origins);

/* Returns 0 or -errno. */
int origins_take(struct origins *origins, struct mirror *mirror, const struct books *books, bool is_last);

/* The frames, each once, in order. Returns how many. */
size_t origins_settle(struct origins *origins);

#endif
