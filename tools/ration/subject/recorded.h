/*
 * recorded.h: the processes of a recording, each as it was when the recording ended, or it did.
 */
#ifndef RATION_TOOL_SUBJECT_RECORDED_H
#define RATION_TOOL_SUBJECT_RECORDED_H

#include "reader/process.h"
#include "recording/replay.h"
#include "symbols/symbol_modules.h"

/* Where a process stands in a recording: what struct process points to. */
struct recorded {
  const char *path; /* of the recording */
  const struct replay *replay;
  uint32_t image;
  struct symbol_modules *modules; /* all processes of the recording share it */
};

struct recorded_list {
  char *path;
  struct replay *replay;
  struct symbol_modules *modules;
  struct recorded *places;    /* by image */
  struct process **processes; /* they lie in the room */
  size_t count;
  void *room;
  size_t room_bytes;
};

/*
 * Reads the recording at `path`, with a process for each of its images: first the one that was started first, as its last
 * image; then the others, and earlier images, which are `replaced`, by when they started. Of `pid`, not 0: the last image
 * of that process alone. Images that cannot be read are left out with a remark, unless none can, or `pid` is of one. Returns
 * 0; -ENOENT: there is no such process in it; -ENODATA: it ends before its first moment; or
 * what replay_read() or process_read_recorded() return; with words.
 */
int recorded_list_read(const char *path, uint32_t pid, struct recorded_list *ret_list,
                       struct fault *ret_fault);
void recorded_list_free(struct recorded_list *list);

#endif
