/*
 * segment_home.c: ration.NS.PID.START.N (docs/names.md, "Categories, files, sessions").
 */
#include "track/segment_home.h"

#include <errno.h>
#include <ration/ration.h>

#include "base/text.h"
#include "os/memory.h"
#include "os/next.h"
#include "os/shared_file.h"
#include "track/sweep.h"

#define NAME_BYTES     128
#define FOLDERS_MOST   4
#define FOLDER_BYTES   256
#define IMAGES_MOST    1000000
#define ANCESTORS_MOST 64

static struct shared_file home;

struct session {
  uint32_t pid; /* 0: none */
  uint64_t start;
};

static void name_without_image(uint64_t pid_namespace, uint32_t pid, uint64_t start, char name[NAME_BYTES]);
static int open_in(const char *folder, const struct process_identity *identity, size_t bytes,
                   uint32_t *ret_image, struct shared_file *ret_file);
static uint32_t next_image(const char *folder, const char *prefix);
static void retire_earlier(const char *folder, const struct process_identity *identity, uint32_t image,
                           const struct settings *settings);
static void fill_header(struct ration_segment_header *header, const struct process_identity *identity,
                        const struct settings *settings, uint32_t image);
static struct session session_of_environment(void);
static int is_alive(uint32_t pid, uint64_t start);

/* What the environment said when the image began; folders in the order in which they are tried. */
static char folders[FOLDERS_MOST][FOLDER_BYTES];
static size_t folder_count;
static struct session session;

static void note_folder(const char *folder) {
  struct text text = text_in(folders[folder_count], FOLDER_BYTES);
  if (folder) text_add(&text, folder);
  if (text.used && folder[0] == '/' && !text.is_cut) folder_count++;
}

void segment_home_prepare(void) {
  folder_count = 0;
  note_folder(process_variable("RATION_DIR"));
  note_folder("/dev/shm");
  note_folder(process_variable("XDG_RUNTIME_DIR"));
  note_folder(process_variable("TMPDIR"));
  session = session_of_environment();
}

/* A file over RLIMIT_FSIZE would not only fail: SIGXFSZ kills. */
static uint32_t slabs_allowed(uint32_t slabs) {
  uint32_t within = segment_slabs_within(memory_file_limit());
  return within < slabs ? within : slabs;
}

static int open_file(const struct process_identity *identity, const struct settings *settings, uint32_t slabs,
                     uint32_t *ret_image) {
  size_t bytes = segment_bytes(slabs);
  for (size_t i = 0; i < folder_count; i++) {
    if (open_in(folders[i], identity, bytes, ret_image, &home) < 0) continue;
    retire_earlier(folders[i], identity, *ret_image, settings);
    sweep(folders[i], identity);
    return 0;
  }
  return open_in(NULL, identity, bytes, ret_image, &home);
}

/* 0; -EINVAL: memory_make_present is not to be had, and the file was allocated whole instead. */
static int make_present(void *memory, size_t bytes) {
  int result = memory_make_present(memory, bytes);
  return result == -EINVAL ? 0 : result;
}

int segment_home_open(const struct process_identity *identity, const struct settings *settings,
                      uint32_t slabs, struct segment *ret_segment) {
  uint32_t image = 0;
  uint32_t allowed = slabs_allowed(slabs);
  home = (struct shared_file){.memory = NULL};
  if (allowed < 2 || open_file(identity, settings, allowed, &image) < 0 ||
      segment_lay_out(home.memory, allowed, make_present, ret_segment) < 0)
    return segment_home_retreat(identity, settings, slabs, ret_segment);
  fill_header(ret_segment->header, identity, settings, image);
  return 0;
}

int segment_home_retreat(const struct process_identity *identity, const struct settings *settings,
                         uint32_t slabs, struct segment *ret_segment) {
  if (home.path[0]) shared_file_remove(home.path);
  if (home.memory) memory_unmap(home.memory, home.bytes);
  home = (struct shared_file){.bytes = segment_bytes(slabs), .memory = memory_map(segment_bytes(slabs))};
  if (!home.memory) return -ENOMEM;
  segment_lay_out(home.memory, slabs, NULL, ret_segment); /* fails only where make_present does */
  fill_header(ret_segment->header, identity, settings, 0);
  return 0;
}

static int open_in(const char *folder, const struct process_identity *identity, size_t bytes,
                   uint32_t *ret_image, struct shared_file *ret_file) {
  char name[NAME_BYTES];
  int result = -EEXIST;
  name_without_image(identity->pid_namespace, identity->pid, identity->start_ticks, name);
  for (uint32_t image = next_image(folder, name); result == -EEXIST && image < IMAGES_MOST; image++) {
    name_without_image(identity->pid_namespace, identity->pid, identity->start_ticks, name);
    struct text text = {.bytes = name, .room = NAME_BYTES, .used = text_length(name)};
    text_add_decimal(&text, image);
    result = shared_file_create(folder, name, bytes, segment_first_bytes(), ret_file);
    if (result == 0) *ret_image = image;
  }
  return result;
}

/* The images of a process that have left a file, by their numbers. */
struct images {
  size_t prefix_bytes;
  uint32_t next; /* one more than the highest */
};

static int count_image(void *context, const char *name) {
  struct images *images = context;
  uint64_t image;
  if (!text_read_decimal(name + images->prefix_bytes, &image) || image >= IMAGES_MOST) return 0;
  if (image >= images->next) images->next = (uint32_t)image + 1;
  return 0;
}

/* Not the first number that is free: images that nobody will read are removed by the one that follows. */
static uint32_t next_image(const char *folder, const char *prefix) {
  struct images images = {.prefix_bytes = text_length(prefix)};
  if (folder) shared_folder_visit(folder, prefix, count_image, &images);
  return images.next;
}

/* "ration.NS.PID.START." */
static void name_without_image(uint64_t pid_namespace, uint32_t pid, uint64_t start, char name[NAME_BYTES]) {
  struct text text = text_in(name, NAME_BYTES);
  text_add(&text, "ration.");
  text_add_decimal(&text, pid_namespace);
  text_add(&text, ".");
  text_add_decimal(&text, pid);
  text_add(&text, ".");
  text_add_decimal(&text, start);
  text_add(&text, ".");
}

/* The image before this one, if there is one: who reads it, finds it marked; if nobody will, it goes. */
static void retire_earlier(const char *folder, const struct process_identity *identity, uint32_t image,
                           const struct settings *settings) {
  if (image == 0 || !identity->start_ticks) return; /* without /proc it may be another process's */
  char path[sizeof home.path], name[NAME_BYTES];
  name_without_image(identity->pid_namespace, identity->pid, identity->start_ticks, name);
  struct text text = text_in(path, sizeof path);
  text_add(&text, folder);
  text_add(&text, "/");
  text_add(&text, name);
  text_add_decimal(&text, image - 1);
  uint32_t user;
  int64_t modified;
  if (text.is_cut || shared_file_inspect(path, &user, &modified) < 0 || user != identity->user) return;
  if (settings->keep || is_alive(session.pid, session.start))
    shared_file_patch(path, offsetof(struct ration_segment_header, state), RATION_STATE_REPLACED);
  else
    shared_file_remove(path);
}

static void fill_header(struct ration_segment_header *header, const struct process_identity *identity,
                        const struct settings *settings, uint32_t image) {
  header->pid = identity->pid;
  header->parent = identity->parent;
  header->user = identity->user;
  header->image = image;
  header->start_ticks = identity->start_ticks;
  header->pid_namespace = identity->pid_namespace;
  header->session_pid = session.pid;
  header->session_start = session.start;
  header->heap = RATION_HEAP_SYSTEM;
  header->started_at_ns = process_time_ns();
  header->state = RATION_STATE_RUNNING;
  header->keep = (uint32_t)settings->keep;
  header->settings_ignored = settings->ignored;
  struct text program = text_in(header->program, sizeof header->program);
  struct text allocator = text_in(header->allocator, sizeof header->allocator);
  struct text version = text_in(header->shim_version, sizeof header->shim_version);
  struct text ignored = text_in(header->ignored, sizeof header->ignored);
  text_add(&program, identity->program);
  text_add(&allocator, next.library);
  text_add(&version, RATION_VERSION);
  text_add(&ignored, settings->ignored_text);
}

/* RATION_SESSION=PID.START, set by `ration run`. */
static struct session session_of_environment(void) {
  const char *text = process_variable("RATION_SESSION");
  uint64_t pid = 0, start = 0;
  if (!text) return (struct session){0};
  size_t digits = text_read_decimal(text, &pid);
  if (!digits || pid > UINT32_MAX || text[digits] != '.') return (struct session){0};
  if (!text_read_decimal(text + digits + 1, &start)) return (struct session){0};
  return (struct session){.pid = (uint32_t)pid, .start = start};
}

static int is_alive(uint32_t pid, uint64_t start) {
  uint32_t parent;
  uint64_t start_now;
  return pid && process_look_up(pid, &parent, &start_now) == 0 && start_now == start;
}

void segment_home_leave_parents(const struct segment *parents) {
  memory_unmap(parents->header, segment_bytes(segment_slabs(parents)));
}

void segment_home_close(struct segment *closed) {
  struct ration_segment_header *header = closed->header;
  if (header->pid != process_id()) return; /* exit() in a vfork child: it is its parent's */
  store_relaxed(&header->ended_at_ns,
                process_time_ns()); /* a reader that sees the state may see the time late */
  store_relaxed(&header->state, RATION_STATE_EXITED);
  if (home.path[0] && !header->keep && !is_alive(header->session_pid, header->session_start))
    shared_file_remove(home.path);
}

const char *segment_home_path(void) {
  return home.path;
}

static int see_image(void *is_found, const char *name) {
  *(int *)is_found = name != NULL;
  return 1;
}

static int has_segment(uint64_t pid_namespace, uint32_t pid, uint64_t start) {
  char name[NAME_BYTES];
  int is_found = 0;
  name_without_image(pid_namespace, pid, start, name);
  for (size_t i = 0; i < folder_count && !is_found; i++)
    shared_folder_visit(folders[i], name, see_image, &is_found);
  return is_found;
}

int segment_home_is_child(const struct process_identity *identity) {
  if (is_alive(session.pid, session.start)) return identity->parent != session.pid;
  uint32_t pid = identity->parent;
  for (int i = 0; pid > 1 && i < ANCESTORS_MOST; i++) {
    uint32_t parent;
    uint64_t start;
    if (process_look_up(pid, &parent, &start) < 0) return 0;
    if (has_segment(identity->pid_namespace, pid, start)) return 1;
    pid = parent;
  }
  return 0;
}
