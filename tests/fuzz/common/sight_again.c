/*
 * sight_again.c: see sight_again.h.
 */
#include "common/sight_again.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fit.h"
#include "common/scratch_file.h"
#include "record/followed.h"
#include "recording/replay.h"
#include "subject/subject.h"
#include "top/tracked.h"

#define LOOKS  3
#define SECOND UINT64_C(1000000000)

static char path[PATH_MAX];

/* Takes over the file. */
static int follow(struct segment_file *file, struct recording_writer *writer, struct fault *ret_fault) {
  struct layout layout;
  struct followed *followed = malloc(sizeof *followed);
  if (!followed) abort();
  int error = layout_read(file, &layout, ret_fault);
  if (!error && followed_open(file, &layout, writer, false, followed) != 0)
    error = fault_set(ret_fault, -EBADMSG, "its header says a size that none has");
  if (error) segment_file_close(file);
  for (uint64_t i = 1; i <= LOOKS && !error; i++) {
    struct followed_look look = {.now = i * SECOND,
                                 .wants_largest = true,
                                 .is_shown = true,
                                 .is_last = i == LOOKS,
                                 .is_at_rest = i == LOOKS};
    followed_look(followed, &look); /* what cannot be read is left as it was */
    recording_moment(writer, look.now);
  }
  if (!error) followed_close(followed);
  free(followed);
  return error;
}

int sight_record(const struct process *process, struct fault *ret_fault) {
  struct segment_file file;
  struct recording_writer *writer;
  struct replay *replay;
  if (!path[0]) scratch_file_name("seen.ration", path);
  int error = segment_file_open(process->path, process->is_memfd, &file, ret_fault);
  if (error) return error;
  if (recording_create(path, &writer, ret_fault) != 0) abort();
  error = follow(&file, writer, ret_fault);
  if (recording_close(writer) != 0) abort();
  if (error) return error;
  if (replay_read(path, REPLAY_ALL, NULL, &replay, ret_fault) != 0) {
    fit_fault(ret_fault);
    abort();
  }
  replay_close(replay);
  return 0;
}

int sight_track(const struct process *process, struct fault *ret_fault) {
  struct tracked tracked = {.node_count = 0};
  struct timeline timeline;
  int error = subject_timeline(process, &timeline, ret_fault);
  if (error) return error;
  for (uint64_t i = 1; i <= LOOKS; i++) {
    if (tracked_take(&tracked, process, i * SECOND) != 0) abort();
    tracked_take_growth(&tracked, &process->snapshot, i * SECOND);
    tracked_take_course(&tracked, &timeline, i * SECOND * 20);
    if (tracked_root(&tracked)) tracked_level(&tracked);
  }
  tracked_end(&tracked, LOOKS * SECOND);
  tracked_free(&tracked);
  timeline_free(&timeline);
  return 0;
}
