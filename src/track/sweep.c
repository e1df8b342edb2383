/*
 * sweep.c: one pass over the folder's names, which is all it costs where few are left; a second one that
 * looks at files only when there are many.
 */
#include "track/sweep.h"

#include <ration/segment.h>

#include "base/text.h"
#include "os/shared_file.h"

#define DEAD_KEPT    64
#define REMOVED_MOST 8

/* The dead ones found, newest first; only times are held, so that they fit on the stack. */
struct survey {
  const char *folder;
  const struct process_identity *identity;
  unsigned names;
  unsigned dead;
  unsigned removed;
  int64_t newest[DEAD_KEPT]; /* descending */
};

static int count_name(void *context, const char *name);
static int note_time(void *context, const char *name);
static int remove_older(void *context, const char *name);
static int is_left_over(const struct survey *survey, const char *name, char path[512],
                        int64_t *ret_modified_ns);

void sweep(const char *folder, const struct process_identity *identity) {
  if (!identity->start_ticks) return; /* no /proc: nobody can be known to be dead */
  struct survey survey = {.folder = folder, .identity = identity};
  char prefix[64];
  struct text text = text_in(prefix, sizeof prefix);
  text_add(&text, "ration.");
  text_add_decimal(&text, identity->pid_namespace);
  text_add(&text, ".");
  shared_folder_visit(folder, prefix, count_name, &survey);
  if (survey.names <= DEAD_KEPT) return;
  shared_folder_visit(folder, prefix, note_time, &survey);
  if (survey.dead > DEAD_KEPT) shared_folder_visit(folder, prefix, remove_older, &survey);
}

static int count_name(void *context, const char *name) {
  struct survey *survey = context;
  survey->names += name != NULL;
  return 0;
}

static int note_time(void *context, const char *name) {
  struct survey *survey = context;
  char path[512];
  int64_t modified;
  if (!is_left_over(survey, name, path, &modified)) return 0;
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
  if (!is_left_over(survey, name, path, &modified) || modified >= survey->newest[DEAD_KEPT - 1]) return 0;
  shared_file_remove(path);
  return ++survey->removed >= REMOVED_MOST;
}

/* ration.NS.PID.START.N */
static int parse_name(const char *name, uint32_t *ret_pid, uint64_t *ret_start) {
  uint64_t numbers[4];
  const char *at = name + sizeof "ration." - 1;
  for (unsigned i = 0; i < 4; i++) {
    size_t digits = text_read_decimal(at, &numbers[i]);
    if (!digits || at[digits] != (i < 3 ? '.' : '\0')) return 0;
    at += digits + 1;
  }
  *ret_pid = (uint32_t)numbers[1];
  *ret_start = numbers[2];
  return 1;
}

static int is_gone(uint32_t pid, uint64_t start) {
  uint32_t parent;
  uint64_t start_now;
  return process_look_up(pid, &parent, &start_now) < 0 || start_now != start;
}

/* Left by a dead process of ours, to be read by nobody that lives. */
static int is_left_over(const struct survey *survey, const char *name, char path[512],
                        int64_t *ret_modified_ns) {
  uint32_t pid, user;
  uint64_t start;
  struct ration_segment_header header;
  struct text text = text_in(path, 512);
  text_add(&text, survey->folder);
  text_add(&text, "/");
  text_add(&text, name);
  if (text.is_cut || !parse_name(name, &pid, &start) || !is_gone(pid, start)) return 0;
  if (shared_file_inspect(path, &user, ret_modified_ns) < 0 || user != survey->identity->user) return 0;
  if (shared_file_peek(path, &header, offsetof(struct ration_segment_header, tag_directory)) < 0) return 0;
  return !header.keep && (!header.session_pid || is_gone(header.session_pid, header.session_start));
}
