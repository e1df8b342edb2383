/*
 * recorder.h: follows the segments of a process tree and writes them into a recording, moment by moment.
 *
 * It does no harm to whom it watches: segments are read, never mapped, and where the recording cannot be written any more
 * it only stops. A look that costs more than a few percent of the time makes the next one come later.
 */
#ifndef RATION_TOOL_RECORD_RECORDER_H
#define RATION_TOOL_RECORD_RECORDER_H

#include "launch/session_watch.h"
#include "record/kin.h"
#include "record/naming.h"

struct recorder_wishes {
  uint64_t interval_ns;
  bool wants_largest;
  bool wants_symbols;
};

/* What became of it. */
struct recorder_sums {
  uint64_t images;
  uint64_t processes;  /* that these are of */
  uint64_t unnamed;    /* images of which functions will not be named at the end, since there are too many */
  uint64_t unreadable; /* segments of the tree that could not be read */
  struct fault fault;  /* why not, of the last */
  uint64_t
      missed; /* processes whose segment could not be opened: nobody knows whether they were of the tree */
  int missed_error; /* -errno of the last */
};

struct recorder;

/* The kin is its from now on. NULL: no memory. */
struct recorder *recorder_new(const struct recorder_wishes *wishes, const struct kin *kin);
void recorder_free(struct recorder *recorder);

/* How it is told of segments. */
const struct session_follower *recorder_follower(struct recorder *recorder, bool is_guest);

/*
 * Before the watch follows. Where there is no file, nothing is opened or looked at. `path` names it, where it turns out
 * that it cannot be written; it must live as long.
 */
void recorder_set_writer(struct recorder *recorder, struct recording_writer *writer, const char *path);

/* The process whose end somebody waits for: how it ended is said by recorder_set_ended(). */
void recorder_set_program(struct recorder *recorder, uint32_t pid, uint64_t start_ticks);
void recorder_set_ended(struct recorder *recorder, int wait_status, uint64_t ended_at_ns);

/* The last moment, and what frames stand for. Returns 0, or -ENOMEM where not all could be named. */
int recorder_finish(struct recorder *recorder, naming_visitor visit, void *context);

/* Why nothing is recorded any more: -errno of the writer, which was said when it came; 0: it goes well. */
int recorder_error(const struct recorder *recorder);
const struct recorder_sums *recorder_sums(const struct recorder *recorder);

#endif
