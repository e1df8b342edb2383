/*
 * places.h: where segments lie: the folders of docs/names.md, and memfds under /proc/PID/fd.
 */
#ifndef RATION_TOOL_READER_PLACES_H
#define RATION_TOOL_READER_PLACES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "reader/place_name.h"

#define FOLDERS_AT_MOST 4

/* The folders that exist, in the order in which the shim tries them, each once; '/' at no end. */
struct folders {
  size_t count;
  char paths[FOLDERS_AT_MOST][PATH_MAX - PLACE_NAME_BYTES];
};

void folders_find(struct folders *ret_folders);

/* A file, or memfd, that bears the name of a segment. */
struct place {
  struct place_name name;
  char path[PATH_MAX];
  bool is_memfd;
  uint32_t copy; /* of a copy that the process made: its number; else 0 */
};

typedef void (*place_visitor)(const struct place *place, void *context);

/* Calls the visitor for each segment in the folders; in no order. */
void places_visit_files(const struct folders *folders, place_visitor visit, void *context);

/* The same for the copies that processes have made of their segments: `dump`, and policy=abort. */
void places_visit_copies(const struct folders *folders, place_visitor visit, void *context);

/* The same for the memfds of running processes, as far as /proc lets one see them. */
void places_visit_memfds(place_visitor visit, void *context);

/* Whether one that was met a while ago is still what its descriptor is of, which may be of anything by now. */
bool places_has_memfd(const struct place *place);

/* Both. */
void places_visit_all(place_visitor visit, void *context);

#endif
