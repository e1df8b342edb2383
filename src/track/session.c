/*
 * session.c: reading the environment, and looking up the tree.
 */
#include "track/session.h"

#include "base/text.h"
#include "track/segment_name.h"

#define ANCESTORS_MOST 64

struct session session;

static void note_folder(const char *folder) {
  struct text text = text_in(session.folders[session.folder_count], sizeof session.folders[0]);
  if (folder) text_add(&text, folder);
  if (text.used && folder[0] == '/' && !text.is_cut) session.folder_count++;
}

static void note_session(const char *text) {
  uint64_t pid = 0, start = 0;
  size_t digits = text ? text_read_decimal(text, &pid) : 0;
  if (!digits || pid > UINT32_MAX || text[digits] != '.') return;
  if (!text_read_decimal(text + digits + 1, &start)) return;
  if (process_life((uint32_t)pid, start) == PROCESS_IS_GONE) return;
  session.pid = (uint32_t)pid;
  session.start_ticks = start;
}

void session_prepare(void) {
  note_folder(process_variable("RATION_DIR"));
  note_folder("/dev/shm");
  note_folder(process_variable("XDG_RUNTIME_DIR"));
  note_folder(process_variable("TMPDIR"));
  note_session(process_variable("RATION_SESSION"));
}

static int has_segment(struct segment_name name) {
  for (size_t i = 0; i < session.folder_count; i++)
    if (segment_name_next_image(session.folders[i], name) > 0) return 1;
  return 0;
}

int session_has_parent(const struct process_identity *identity) {
  if (session.pid) return identity->parent != session.pid;
  uint32_t pid = identity->parent;
  for (int i = 0; pid > 1 && i < ANCESTORS_MOST; i++) {
    struct segment_name name = {.pid_namespace = identity->pid_namespace, .pid = pid};
    if (process_look_up(pid, &pid, &name.start_ticks) < 0) return 0;
    if (has_segment(name)) return 1;
  }
  return 0;
}
