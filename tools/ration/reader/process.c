/*
 * process.c: a snapshot and /proc, put together.
 */
#include "reader/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/whole.h"
#include "reader/monotonic.h"
#include "reader/page_rows.h"

#define SOMETHING_BYTES (UINT64_C(1) << 20)

static uint32_t copy_of(const char *path);
static void put_root(struct process *process);
static void put_place(struct process *process, const char *path, bool is_memfd);
static int settle(struct process *process, const struct proc_stat *stat, struct process_kept *kept,
                  struct fault *ret_fault);
static int settle_living(struct process *process, const struct proc_stat *known, struct process_kept *kept,
                         struct fault *ret_fault);
static void settle_copy(struct process *process);
static void settle_recorded(struct process *process, const struct process_known *known);
static void set_wait_status(struct process *process, int wait_status);
static uint64_t until(const struct process *process);
static enum process_state state_of_living(const struct snapshot *snapshot, const struct proc_stat *stat,
                                          struct process_kept *kept);
static bool is_replaced(const struct place_name *name, const struct proc_stat *stat,
                        struct process_kept *kept);
static bool is_same_image(const struct proc_image *a, const struct proc_image *b);
static bool is_same_name(const struct place_name *a, const struct place_name *b);
static enum process_state state_of_dead(const struct snapshot *snapshot);
static double seconds_between(uint64_t from_ns, uint64_t to_ns);

bool process_is_alive(const struct process *process) {
  return !process->is_copy && !process->recorded &&
         (process->state == PROCESS_RUNNING || process->state == PROCESS_STOPPED);
}

bool process_did_something(const struct process *process) {
  return process->snapshot.own_allocated_bytes >= SOMETHING_BYTES;
}

/* In its place: there is so much of it that to copy it takes longer than to read it. */
int process_read(const char *path, bool is_memfd, struct process *ret_process, struct fault *ret_fault) {
  struct process *process = ret_process;
  struct process_kept kept = {.name = {.pid = 0}};
  int error = snapshot_read_path(path, is_memfd, &process->snapshot, ret_fault);
  if (error) return error;
  put_place(process, path, is_memfd);
  return settle(process, NULL, &kept, ret_fault);
}

int process_read_books(const char *path, bool is_memfd, const struct proc_stat *stat,
                       struct process_kept *kept, struct process *ret_process, struct fault *ret_fault) {
  struct process *process = ret_process;
  struct segment_file file;
  int error = segment_file_open(path, is_memfd, &file, ret_fault);
  if (error) return error;
  error = snapshot_read_books(&file, &process->snapshot, ret_fault);
  segment_file_close(&file);
  if (error) return error;
  put_place(process, path, is_memfd);
  return settle(process, stat, kept, ret_fault);
}

int process_read_recorded(const char *path, const struct process_known *known,
                          const struct recorded *recorded, struct process *ret_process,
                          struct fault *ret_fault) {
  struct process *process = ret_process;
  *process = (struct process){.exit_status = -1, .signal = -1, .is_memfd = true, .recorded = recorded};
  int error = snapshot_read_path(path, true, &process->snapshot, ret_fault);
  if (error) return error;
  snprintf(process->path, sizeof process->path, "%s", path);
  settle_recorded(process, known);
  process->until_at = process->state == PROCESS_RUNNING ? known->last_at : until(process);
  return 0;
}

void process_take_resident(struct process *process) {
  struct resident resident;
  if (!process_is_alive(process) || !process->snapshot.facts.is_memory_on || process->snapshot.passive)
    return;
  int error = resident_read(&process->snapshot, &resident, &process->resident_fault);
  if (error) return;
  process->resident_fault.words[0] = 0;
  process_set_resident(process, &resident);
}

void process_count_pages(struct process *process) {
  struct holding_table table;
  if (!process_is_alive(process) || process->snapshot.heap != RATION_HEAP_PAGE) return;
  uint64_t now = monotonic_ns();
  if (page_rows_count(&process->snapshot, &table) != 0 || table.total.held_bytes == 0) return;
  table.counted_at = now;
  process->snapshot.holdings = table;
}

void process_set_resident(struct process *process, const struct resident *resident) {
  process_set_resident_until(process, resident, process_clock_ns());
}

void process_set_resident_until(struct process *process, const struct resident *resident, uint64_t until_ns) {
  process->resident = *resident;
  process->resident_age_seconds = seconds_between(resident->at_ns, until_ns);
  process->has_resident = true;
}

void process_set_ended(struct process *process, int wait_status, uint64_t ended_at_ns) {
  if (process->state != PROCESS_REPLACED)
    process->state = WIFSIGNALED(wait_status) ? PROCESS_KILLED : PROCESS_EXITED;
  set_wait_status(process, wait_status);
  process->threads = 0;
  process->uptime_seconds = seconds_between(process->snapshot.started_at_ns, ended_at_ns);
  process->error_bound_bytes = process->snapshot.doubt_bytes;
  process->until_at = until(process);
}

void process_note_moment(struct process *process, uint64_t at) {
  bool is_known = process_is_alive(process) || process->uptime_seconds >= 0;
  if (!is_known && at > process->until_at) process->until_at = at;
}

uint64_t process_clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool process_is_there(uint32_t pid, uint64_t start_ticks) {
  struct proc_stat stat;
  return procfs_stat(pid, &stat) == 0 && stat.start_ticks == start_ticks && !procfs_is_dead(&stat);
}

static void put_place(struct process *process, const char *path, bool is_memfd) {
  memset(&process->state, 0, offsetof(struct process, path) - offsetof(struct process, state));
  process->exit_status = process->signal = -1;
  process->is_memfd = is_memfd;
  snprintf(process->path, sizeof process->path, "%s", path);
  const size_t behind = offsetof(struct process, root);
  memset((char *)process + behind, 0, sizeof *process - behind);
  put_root(process);
  process->copy = is_memfd ? 0 : copy_of(path);
  process->is_copy = process->snapshot.facts.copied_at > 0;
}

/* Of a container: its modules lie where its segment does. */
static void put_root(struct process *process) {
  static const char proc[] = "/proc/", root[] = "/root";
  uint64_t pid;
  const char *at = process->path + sizeof proc - 1;
  if (strncmp(process->path, proc, sizeof proc - 1) != 0) return;
  size_t digits = text_read_decimal(at, &pid), length = sizeof proc - 1 + digits + sizeof root - 1;
  bool is_root =
      digits > 0 && strncmp(at + digits, root, sizeof root - 1) == 0 && process->path[length] == '/';
  if (is_root && length < sizeof process->root) memcpy(process->root, process->path, length);
}

int process_check_user(const struct process *process, uint32_t pid, struct fault *ret_fault) {
  uint32_t user = process->snapshot.user;
  if (user == geteuid() || user == 0 || procfs_has_user(pid, user)) return 0;
  return fault_set(ret_fault, -EPERM,
                   "belongs to user %" PRIu32 ", and process %" PRIu32
                   " does not, so it is not read; whose file it is may say who made it",
                   user, pid);
}

static int settle(struct process *process, const struct proc_stat *stat, struct process_kept *kept,
                  struct fault *ret_fault) {
  int error = 0;
  if (process->is_copy)
    settle_copy(process);
  else
    error = settle_living(process, stat, kept, ret_fault);
  process->until_at = until(process);
  return error;
}

static int settle_living(struct process *process, const struct proc_stat *known, struct process_kept *kept,
                         struct fault *ret_fault) {
  const struct snapshot *snapshot = &process->snapshot;
  uint64_t namespace;
  struct proc_stat stat;
  if (known) stat = *known;
  bool is_here = procfs_own_pid_namespace(&namespace) == 0 && namespace == snapshot->name.pid_namespace;
  bool is_there = is_here && (known || procfs_stat(snapshot->name.pid, &stat) == 0) &&
                  stat.start_ticks == snapshot->name.start_ticks && !procfs_is_dead(&stat);
  int error = is_there ? process_check_user(process, snapshot->name.pid, ret_fault) : 0;
  if (error) return error;
  if (!is_here) {
    process->state = PROCESS_ELSEWHERE;
  } else if (!is_there) {
    process->state = state_of_dead(snapshot);
  } else {
    process->state = state_of_living(snapshot, &stat, kept);
    if (process_is_alive(process)) process->threads = stat.threads;
  }

  bool may_move = process_is_alive(process) || process->state == PROCESS_ELSEWHERE;
  if (process->state == PROCESS_ELSEWHERE) process->threads = snapshot->slabs_owned;
  process->error_bound_bytes = may_move ? snapshot->allowance_bytes : snapshot->doubt_bytes;
  process->uptime_seconds = -1;
  if (may_move) process->uptime_seconds = seconds_between(snapshot->started_at_ns, process_clock_ns());
  if (process->state == PROCESS_EXITED) {
    process->uptime_seconds = seconds_between(snapshot->started_at_ns, snapshot->ended_at_ns);
  }
  return 0;
}

/* By its name. */
static uint32_t copy_of(const char *path) {
  const char *slash = strrchr(path, '/');
  struct place_name name;
  uint32_t number;
  return place_name_parse_copy(slash ? slash + 1 : path, &name, &number) == 0 ? number : 0;
}

/* It stands as it did when it was copied, whatever has become of the process. */
static void settle_copy(struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  bool was_running = snapshot->state == RATION_STATE_RUNNING;
  process->state = was_running ? PROCESS_RUNNING : state_of_dead(snapshot);
  process->threads = snapshot->slabs_owned;
  process->error_bound_bytes = was_running ? snapshot->allowance_bytes : snapshot->doubt_bytes;
  process->uptime_seconds = was_running
                                ? seconds_between(snapshot->facts.started_at, snapshot->facts.copied_at)
                                : seconds_between(snapshot->started_at_ns, snapshot->ended_at_ns);
}

/* Whoever recorded may have gone before the process did, and may have had a state to tell that is none of an end. */
static void settle_recorded(struct process *process, const struct process_known *known) {
  const struct snapshot *snapshot = &process->snapshot;
  bool has_ended = known->has_ended && known->state != PROCESS_RUNNING && known->state != PROCESS_STOPPED &&
                   known->state != PROCESS_ELSEWHERE;
  if (!has_ended && snapshot->state == RATION_STATE_RUNNING) {
    process->state = PROCESS_RUNNING;
    process->threads = snapshot->slabs_owned;
    process->error_bound_bytes = snapshot->allowance_bytes;
    process->uptime_seconds = seconds_between(snapshot->facts.started_at, known->last_at);
    return;
  }
  uint64_t ended_at_ns = has_ended ? known->ended_at_ns : snapshot->ended_at_ns;
  process->state = has_ended ? known->state : state_of_dead(snapshot);
  process->error_bound_bytes = snapshot->doubt_bytes;
  process->uptime_seconds = ended_at_ns ? seconds_between(snapshot->started_at_ns, ended_at_ns) : -1;
  if (has_ended && known->was_waited_for) set_wait_status(process, known->wait_status);
}

static void set_wait_status(struct process *process, int wait_status) {
  bool is_killed = WIFSIGNALED(wait_status);
  process->signal = is_killed ? WTERMSIG(wait_status) : -1;
  process->exit_status = is_killed ? -1 : WEXITSTATUS(wait_status);
}

/* Now, or when it ended; where nobody knows when, the last moment that the segment tells of. */
static uint64_t until(const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  if (process_is_alive(process) || process->state == PROCESS_ELSEWHERE) return monotonic_ns();
  if (process->uptime_seconds < 0) return snapshot->last_at;
  return snapshot->facts.started_at + whole_of(process->uptime_seconds * 1e9);
}

static enum process_state state_of_living(const struct snapshot *snapshot, const struct proc_stat *stat,
                                          struct process_kept *kept) {
  if (snapshot->state == RATION_STATE_REPLACED || is_replaced(&snapshot->name, stat, kept))
    return PROCESS_REPLACED;
  return stat->state == 'T' || stat->state == 't' ? PROCESS_STOPPED : PROCESS_RUNNING;
}

/*
 * An image that was replaced may not have been able to say so: by a later one that is not tracked, say. That one maps no
 * segment; and it does not lie where the tracked one did, which had another environment, with the preload.
 */
static bool is_replaced(const struct place_name *name, const struct proc_stat *stat,
                        struct process_kept *kept) {
  char text[PLACE_NAME_BYTES];
  bool is_mapped = true;
  bool is_known =
      stat->image.stack && is_same_name(&kept->name, name) && is_same_image(&kept->image, &stat->image);
  if (is_known) return false;
  place_name_write(name, text);
  int error = procfs_maps_file(name->pid, text, &is_mapped);
  if (!error && is_mapped) *kept = (struct process_kept){.name = *name, .image = stat->image};
  return !error && !is_mapped;
}

static bool is_same_image(const struct proc_image *a, const struct proc_image *b) {
  return a->code == b->code && a->stack == b->stack && a->arguments == b->arguments &&
         a->environment == b->environment && a->environment_end == b->environment_end;
}

static bool is_same_name(const struct place_name *a, const struct place_name *b) {
  return a->pid == b->pid && a->start_ticks == b->start_ticks && a->pid_namespace == b->pid_namespace &&
         a->image == b->image;
}

static enum process_state state_of_dead(const struct snapshot *snapshot) {
  if (snapshot->state == RATION_STATE_REPLACED) return PROCESS_REPLACED;
  return snapshot->state == RATION_STATE_EXITED ? PROCESS_EXITED : PROCESS_GONE;
}

static double seconds_between(uint64_t from_ns, uint64_t to_ns) {
  return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}
