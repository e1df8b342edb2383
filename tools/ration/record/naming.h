/*
 * naming.h: what frames stand for, found out at the end of a recording: functions, files, lines.
 *
 * What is kept of an image until then is in proportion to its sites; a module counts once, however many images have it.
 */
#ifndef RATION_TOOL_RECORD_NAMING_H
#define RATION_TOOL_RECORD_NAMING_H

#include "record/mirror.h"

struct naming;

/* NULL: no memory. */
struct naming *naming_new(void);

/* NULL is nothing to free. */
void naming_free(struct naming *naming);

/*
 * The frames of an image, each once; they are the naming's then, to be freed. Its modules are read from the segment.
 * Returns 0; -ENOSPC: there are more than are worth the memory; or another -errno; then they are still the caller's.
 */
int naming_note(struct naming *naming, const struct mirror *mirror, uint64_t *frames, size_t count);

/* Told how many of how many frames are done, now and then. */
typedef void (*naming_visitor)(size_t done, size_t all, void *context);

/* Records all that is known. Returns 0 or -ENOMEM. */
int naming_record(struct naming *naming, struct recording_writer *writer, naming_visitor visit,
                  void *context);

#endif
