/*
 * sweep.c: one pass over the folder's names, which is all it costs where few are left; a second one that
 * looks at files only when there are many.
 */
#include "track/sweep.h"

#include <errno.h>
#include <ration/segment.h>

#include "base/text.h"
#include "os/shared_file.h"
#include "track/segment_name.h"

#define DEAD_KEPT     64
#define REMOVED_MOST  8
#define EXAMINED_MOST 256

/* The dead ones found, newest first; only times are held, so that they fit on the stack. */
struct survey {
  const char *folder;
  unsigned names;
  unsigned first; /* names before this one are left to other starts */
  unsigned seen;  /* names so far, in this pass */
  unsigned dead;
  unsigned removed;
  unsigned as_old;           /* as the last of those, still to be kept */
  int64_t newest[DEAD_KEPT]; /* descending */
};

static int count_name(void *context, const char *name);
static int note_time(void *context, const char *name);
static int remove_older(void *context, const char *name);
static int is_left_over(const struct survey *survey, const char *name, char path[512],
                        int64_t *ret_modified_ns);

void sweep(const char *folder, const struct process_identity *identity) {
  struct survey survey = {.folder = folder};
  if (!identity->pid_namespace) return; /* nobody says whose the numbers are in names that begin like ours */
  char prefix[SEGMENT_NAME_BYTES];
  segment_name_write_namespace(identity->pid_namespace, prefix);
  shared_folder_visit(folder, prefix, count_name, &survey);
  if (survey.names <= DEAD_KEPT) return;
  if (survey.names > EXAMINED_MOST) survey.first = identity->pid % (survey.names - EXAMINED_MOST + 1);
  shared_folder_visit(folder, prefix, note_time, &survey);
  survey.seen = 0;
  if (survey.dead <= DEAD_KEPT) return;
  for (unsigned i = 0; i < DEAD_KEPT; i++) survey.as_old += survey.newest[i] == survey.newest[DEAD_KEPT - 1];
  shared_folder_visit(folder, prefix, remove_older, &survey);
}

static int count_name(void *context, const char *name) {
  (void)name;
  ((struct survey *)context)->names++;
  return 0;
}

/* One start looks at so many names and no more: there may be thousands. */
static int is_for_this_start(struct survey *survey) {
  unsigned at = survey->seen++;
  return at >= survey->first && at - survey->first < EXAMINED_MOST;
}

static int note_time(void *context, const char *name) {
  struct survey *survey = context;
  char path[512];
  int64_t modified;
  if (!is_for_this_start(survey) || !is_left_over(survey, name, path, &modified)) return 0;
  unsigned at = survey->dead < DEAD_KEPT ? survey->dead : DEAD_KEPT;
  for (; at > 0 && survey->newest[at - 1] < modified; at--)
    if (at < DEAD_KEPT) survey->newest[at] = survey->newest[at - 1];
  if (at < DEAD_KEPT) survey->newest[at] = modified;
  survey->dead++;
  return 0;
}

static int remove_older(void *context, const char *name) {
  struct survey *survey = context;
  char path[512];
  int64_t modified;
  if (!is_for_this_start(survey) || !is_left_over(survey, name, path, &modified)) return 0;
  int64_t last = survey->newest[DEAD_KEPT - 1];
  if (modified > last) return 0;
  if (modified == last && survey->as_old > 0) { /* several ended within one tick of the file system's clock */
    survey->as_old--;
    return 0;
  }
  shared_file_remove(path);
  return ++survey->removed >= REMOVED_MOST;
}

static int read_header(const char *path, struct ration_segment_header *ret_header, int64_t *ret_modified_ns) {
  int descriptor = shared_file_reopen(path, 0, ret_modified_ns);
  if (descriptor < 0) return descriptor;
  int result =
      shared_file_peek(descriptor, ret_header, offsetof(struct ration_segment_header, tag_directory));
  shared_file_close(descriptor);
  return result;
}

/* Left by a dead process of ours, to be read by nobody that lives. */
static int is_left_over(const struct survey *survey, const char *name, char path[512],
                        int64_t *ret_modified_ns) {
  struct segment_name segment;
  struct ration_segment_header header;
  struct text text = text_in(path, 512);
  text_add(&text, survey->folder);
  text_add(&text, "/");
  text_add(&text, name);
  if (text.is_cut || !segment_name_is_read(name, &segment)) return 0;
  if (process_life(segment.pid, segment.start_ticks) != PROCESS_IS_GONE) return 0;
  int result = read_header(path, &header, ret_modified_ns);
  if (result == -ENODATA || (result == 0 && !header.magic)) return 1; /* it died while it made it */
  if (result < 0) return 0;
  if (header.magic != RATION_SEGMENT_MAGIC || header.version_major != RATION_SEGMENT_MAJOR || header.keep)
    return 0;
  return !header.session_pid || process_life(header.session_pid, header.session_start) == PROCESS_IS_GONE;
}
