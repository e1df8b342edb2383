/*
 * segment_home.c: opening, moving and closing the file of a segment.
 */
#include "track/segment_home.h"

#include <errno.h>
#include <ration/ration.h>

#include "base/test_point.h"
#include "base/text.h"
#include "os/memory.h"
#include "os/next.h"
#include "os/shared_file.h"
#include "track/segment_name.h"
#include "track/session.h"
#include "track/sweep.h"

static struct shared_file home;
static const char *home_folder;         /* of the session's; NULL: in none */
static struct shared_file parents_home; /* a forked child's, until it has left */

static struct segment_name own_name(const struct process_identity *identity);
static int open_file(const struct process_identity *identity, size_t bytes, uint32_t *ret_image);
static int open_in(const char *folder, struct segment_name name, size_t bytes, uint32_t *ret_image);
static void retire_earlier(const char *folder, struct segment_name name);
static int is_segment_of(const struct ration_segment_header *header, struct segment_name name);
static void fill_header(struct ration_segment_header *header, const struct process_identity *identity,
                        const struct settings *settings, uint32_t image);

/* A file over RLIMIT_FSIZE would not only fail: SIGXFSZ kills. */
static uint32_t slabs_allowed(uint32_t slabs) {
  uint32_t within = segment_slabs_within(memory_file_limit());
  return within < slabs ? within : slabs;
}

/* What is closed is opened in stretches of that size: page by page, each would become a mapping of its own. */
#define STRETCH ((size_t)256 << 10)

static struct {
  unsigned char *start;
  size_t bytes;
} unopened;

/* mlockall(2) would make all that can be used present: what a process may never need is closed until it does. */
static void close_rest(const struct segment *opened) {
  unopened.start = segment_closed(opened, &unopened.bytes);
  memory_close(unopened.start, unopened.bytes);
}

static int open_stretches(const void *memory, size_t bytes) {
  size_t at = (size_t)((const unsigned char *)memory - unopened.start), end = at + bytes;
  if (at >= unopened.bytes) return 0;
  at = at / STRETCH * STRETCH;
  end = (end + STRETCH - 1) / STRETCH * STRETCH;
  return memory_open(unopened.start + at, (end < unopened.bytes ? end : unopened.bytes) - at);
}

/* -EINVAL: the kernel does not know how, and the file was allocated whole. */
static int make_present(void *memory, size_t bytes) {
  int result = open_stretches(memory, bytes);
  if (result == 0) result = memory_make_present(memory, bytes);
  return result == -EINVAL ? 0 : result;
}

int segment_home_open(const struct process_identity *identity, const struct settings *settings,
                      uint32_t slabs, struct segment *ret_segment) {
  uint32_t image = 0;
  uint32_t allowed = slabs_allowed(slabs);
  home = (struct shared_file){.memory = NULL};
  unopened.bytes = 0;
  if (allowed < 2 || open_file(identity, segment_bytes(allowed), &image) < 0 ||
      segment_lay_out(home.memory, allowed, make_present, ret_segment) < 0)
    return segment_home_retreat(identity, settings, slabs, ret_segment);
  close_rest(ret_segment);
  fill_header(ret_segment->header, identity, settings, image);
  TEST_POINT("segment_home:headed");
  ret_segment->process->started_at = process_monotonic_ns();
  return 0;
}

int segment_home_retreat(const struct process_identity *identity, const struct settings *settings,
                         uint32_t slabs, struct segment *ret_segment) {
  if (home.path[0]) shared_file_remove(home.path);
  if (home.memory) memory_unmap(home.memory, home.bytes);
  shared_file_forget(&home);
  home_folder = NULL;
  home = (struct shared_file){.bytes = segment_bytes(slabs), .memory = memory_map(segment_bytes(slabs))};
  if (!home.memory) return -ENOMEM;
  segment_lay_out(home.memory, slabs, NULL, ret_segment); /* fails only where make_present does */
  fill_header(ret_segment->header, identity, settings, 0);
  ret_segment->process->started_at = process_monotonic_ns();
  return 0;
}

static struct segment_name own_name(const struct process_identity *identity) {
  return (struct segment_name){
      .pid_namespace = identity->pid_namespace, .pid = identity->pid, .start_ticks = identity->start_ticks};
}

static int open_file(const struct process_identity *identity, size_t bytes, uint32_t *ret_image) {
  struct segment_name name = own_name(identity);
  home_folder = NULL;
  for (size_t i = 0; i < session.folder_count; i++) {
    if (open_in(session.folders[i], name, bytes, ret_image) < 0) continue;
    name.image = *ret_image;
    home_folder = session.folders[i];
    TEST_POINT("segment_home:named");
    retire_earlier(home_folder, name);
    return 0;
  }
  return open_in(NULL, name, bytes, ret_image);
}

/* Not the first image number that is free: images that nobody will read are removed by the one that follows. */
static int open_in(const char *folder, struct segment_name name, size_t bytes, uint32_t *ret_image) {
  char text[SEGMENT_NAME_BYTES];
  int result = -EEXIST;
  if (folder) name.image = segment_name_next_image(folder, name);
  for (; result == -EEXIST && name.image < SEGMENT_IMAGES_MOST; name.image++) {
    segment_name_write(name, text);
    result = shared_file_create(folder, text, bytes, segment_first_bytes(), &home);
    if (result == 0) *ret_image = name.image;
  }
  return result;
}

/* The image before this one, if there is one: who reads it, finds it marked; if nobody will, it goes. */
static void retire_earlier(const char *folder, struct segment_name name) {
  if (name.image == 0 || !name.start_ticks) return; /* without /proc it may be another process's */
  char path[sizeof home.path], file_name[SEGMENT_NAME_BYTES];
  struct ration_segment_header header;
  int64_t modified;
  name.image--;
  segment_name_write(name, file_name);
  struct text text = text_in(path, sizeof path);
  text_add(&text, folder);
  text_add(&text, "/");
  text_add(&text, file_name);
  int descriptor = text.is_cut ? -ENAMETOOLONG : shared_file_reopen(path, 1, &modified);
  if (descriptor < 0) return;
  int result = shared_file_peek(descriptor, &header, offsetof(struct ration_segment_header, tag_directory));
  if (result == 0 && is_segment_of(&header, name)) {
    if (header.keep || session.pid)
      shared_file_patch(descriptor, offsetof(struct ration_segment_header, state), RATION_STATE_REPLACED);
    else
      shared_file_remove(path);
  }
  shared_file_close(descriptor);
}

/* Another file of ours may have been given that name, by a link. */
static int is_segment_of(const struct ration_segment_header *header, struct segment_name name) {
  return header->magic == RATION_SEGMENT_MAGIC && header->version_major == RATION_SEGMENT_MAJOR &&
         header->pid == name.pid && header->start_ticks == name.start_ticks && header->image == name.image &&
         header->pid_namespace == name.pid_namespace;
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
  header->session_start = session.start_ticks;
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

/* Up to there nothing changes any more, and it says whose segment it is. */
int segment_home_part(void) {
  return home.memory ? shared_file_part(&home, offsetof(struct ration_segment_header, pid_namespace)) : 0;
}

void segment_home_move_out(void) {
  parents_home = home;
  home = (struct shared_file){.memory = NULL};
}

void segment_home_leave_parents(const struct segment *parents) {
  unsigned char *accounts = (unsigned char *)parents->accounts; /* stand behind the categories */
  memory_unmap(accounts, (size_t)((unsigned char *)(parents->slabs + segment_slabs(parents)) - accounts));
  shared_file_forget(&parents_home);
}

void segment_home_sweep(const struct process_identity *identity) {
  if (home_folder) sweep(home_folder, identity);
}

void segment_home_close(struct segment *closed) {
  struct ration_segment_header *header = closed->header;
  store_relaxed(&header->ended_at_ns, process_time_ns()); /* a reader may see the state before the time */
  TEST_POINT("segment_home:timed");
  store_relaxed(&header->state, RATION_STATE_EXITED);
  TEST_POINT("segment_home:ended");
  if (home.path[0] && !header->keep && !header->session_pid) shared_file_remove(home.path);
}

const char *segment_home_path(void) {
  return home.path;
}
