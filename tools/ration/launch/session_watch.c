/*
 * session_watch.c: one epoll for the inotify queue, the pidfds, and what the caller waits for.
 *
 * The queue is emptied before any end is looked at: what a process made, it made before it ended.
 */
#include "launch/session_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "launch/taking.h"
#include "reader/monotonic.h"
#include "reader/places.h"
#include "reader/procfs.h"

#define POLL_MS        100 /* for owners without a pidfd */
#define EVENTS_AT_ONCE 64
#define QUEUE_BYTES    65536

struct owner_key {
  uint64_t start_ticks;
  uint64_t pid;
};

/* A process that made a segment; not yet known whether it belongs to the session. */
struct owner {
  struct owner_key key;
  int pidfd;          /* -1: none */
  bool is_polled;     /* for want of a pidfd */
  bool is_done;       /* it has ended and was visited, but its file stays: `keep` */
  struct place image; /* the latest */
  struct taking taking;
  UT_hash_handle hh;
};

struct session_watch {
  uint64_t session_start;
  uint32_t session_pid;
  uint64_t pid_namespace;
  session_watch_visitor visit;
  void *context;
  int epoll;
  int queue;                       /* inotify */
  int folder_ids[FOLDERS_AT_MOST]; /* inotify's, in the order of `folders` */
  struct folders folders;
  struct owner *owners;
  size_t polled;
  uint64_t taking_ns;                      /* when the next figures are due; UINT64_MAX: nobody's */
  const struct session_follower *follower; /* NULL: none */
  uint64_t tick_ns;                        /* when the follower wants to be called; UINT64_MAX: never */
  struct process *process;                 /* room for one */
};

static int milliseconds_to_wait(const struct session_watch *watch);
static void do_what_is_due(struct session_watch *watch);
static void expect_figures(struct session_watch *watch, struct owner *owner);
static void take_figures(struct session_watch *watch);
static int watch_open(struct session_watch *watch);
static int add_folders(struct session_watch *watch);
static void empty_queue(struct session_watch *watch);
static void take_events(struct session_watch *watch, const char *events, size_t size);
static void take_file(struct session_watch *watch, int folder_id, const char *file_name);
static void take_new(struct session_watch *watch, const struct place *place);
static void take_found(const struct place *place, void *context);
static struct owner *find_owner(const struct session_watch *watch, const struct place_name *name);
static struct owner *add_owner(struct session_watch *watch, const struct place *place);
static void follow_end(struct session_watch *watch, struct owner *owner);
static void finish_dead(struct session_watch *watch, struct owner *owner);
static void drop_owner(struct session_watch *watch, struct owner *owner);
static void look_up_owners(struct session_watch *watch);
static bool take_image(struct session_watch *watch, const struct place *place, bool is_last);
static bool is_of_session(const struct session_watch *watch, const struct snapshot *snapshot);
static void take_left_over(const struct place *place, void *context);

int session_watch_new(uint64_t own_start, session_watch_visitor visit, void *context,
                      struct session_watch **ret_watch) {
  struct session_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return -ENOMEM;
  *watch = (struct session_watch){.session_start = own_start,
                                  .session_pid = (uint32_t)getpid(),
                                  .visit = visit,
                                  .context = context,
                                  .epoll = -1,
                                  .queue = -1,
                                  .taking_ns = UINT64_MAX,
                                  .tick_ns = UINT64_MAX};
  int error = watch_open(watch);
  if (error) {
    session_watch_free(watch);
    return error;
  }
  *ret_watch = watch;
  return 0;
}

void session_watch_free(struct session_watch *watch) {
  struct owner *owner, *next;
  HASH_ITER(hh, watch->owners, owner, next) drop_owner(watch, owner);
  if (watch->queue >= 0) close(watch->queue);
  if (watch->epoll >= 0) close(watch->epoll);
  free(watch->process);
  free(watch);
}

int session_watch_until(struct session_watch *watch, int descriptor) {
  struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = watch};
  if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, descriptor, &wanted) != 0) return -errno;
  bool is_readable = false;
  int error = 0;
  while (!is_readable && !error && !(watch->follower && watch->follower->is_done)) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(watch->epoll, events, EVENTS_AT_ONCE, milliseconds_to_wait(watch));
    if (count < 0 && errno != EINTR) error = -errno;
    empty_queue(watch);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == watch) is_readable = true;
      if (events[i].data.ptr && events[i].data.ptr != watch) finish_dead(watch, events[i].data.ptr);
    }
    if (watch->polled) look_up_owners(watch);
    do_what_is_due(watch);
  }
  epoll_ctl(watch->epoll, EPOLL_CTL_DEL, descriptor, NULL);
  return error;
}

void session_watch_finish(struct session_watch *watch) {
  empty_queue(watch);
  struct owner *owner, *next;
  HASH_ITER(hh, watch->owners, owner, next) {
    if (owner->is_done) continue;
    bool is_there = process_is_there((uint32_t)owner->key.pid, owner->key.start_ticks);
    if (is_there) {
      take_image(watch, &owner->image, true);
    } else {
      finish_dead(watch, owner);
    }
  }
  if (watch->follower && watch->follower->is_guest) return;
  places_visit_files(&watch->folders, take_left_over, watch);
  places_visit_memfds(take_left_over, watch);
}

void session_watch_follow(struct session_watch *watch, const struct session_follower *follower) {
  watch->follower = follower;
  watch->tick_ns = 0;
  if (!follower->is_guest) return;
  places_visit_files(&watch->folders, take_found, watch);
  places_visit_memfds(take_found, watch);
}

/* -1: for ever. */
static int milliseconds_to_wait(const struct session_watch *watch) {
  int most = watch->polled ? POLL_MS : -1;
  uint64_t due = watch->taking_ns < watch->tick_ns ? watch->taking_ns : watch->tick_ns;
  if (due == UINT64_MAX) return most;
  uint64_t now = monotonic_ns();
  uint64_t until = due > now ? (due - now) / 1000000u + 1 : 0;
  if (until > INT_MAX) until = INT_MAX;
  return most >= 0 && until > (uint64_t)most ? most : (int)until;
}

static void do_what_is_due(struct session_watch *watch) {
  uint64_t now = monotonic_ns();
  if (now >= watch->taking_ns) take_figures(watch);
  if (now >= watch->tick_ns) watch->tick_ns = watch->follower->tick(now, watch->follower->context);
}

/* Of an image that has just begun. */
static void expect_figures(struct session_watch *watch, struct owner *owner) {
  if (watch->follower) return;
  owner->taking.due_ns = monotonic_ns() + TAKING_FIRST_NS;
  if (owner->taking.due_ns < watch->taking_ns) watch->taking_ns = owner->taking.due_ns;
}

/* Of all whose figures are due, the largest; the others have to wait as long as those. Not more than ten times a second. */
static void take_figures(struct session_watch *watch) {
  struct taking_choice choice = {0};
  uint64_t now = monotonic_ns(), next = UINT64_MAX;
  struct owner *owner, *following;
  /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): none of those was freed */
  HASH_ITER(hh, watch->owners, owner, following) {
    if (owner->is_done) continue;
    if (owner->taking.due_ns <= now) {
      taking_offer(&choice, (uint32_t)owner->key.pid, owner);
      owner->taking.due_ns = now + TAKING_EVERY_NS;
    }
    if (owner->taking.due_ns < next) next = owner->taking.due_ns;
  }
  for (size_t i = 0; i < choice.count; i++) {
    owner = choice.largest[i].offered;
    taking_take(&owner->taking, &owner->image, watch->process);
  }
  watch->taking_ns = next < now + TAKING_FIRST_NS ? now + TAKING_FIRST_NS : next;
}

static int watch_open(struct session_watch *watch) {
  watch->process = malloc(sizeof *watch->process);
  if (!watch->process) return -ENOMEM;
  int error = procfs_own_pid_namespace(&watch->pid_namespace);
  if (error) return error;
  watch->epoll = epoll_create1(EPOLL_CLOEXEC);
  watch->queue = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch->epoll < 0 || watch->queue < 0) return -errno;
  struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->queue, &wanted) != 0) return -errno;
  return add_folders(watch);
}

/* A folder that cannot be watched is still searched at the end. */
static int add_folders(struct session_watch *watch) {
  folders_find(&watch->folders);
  for (size_t i = 0; i < watch->folders.count; i++) {
    watch->folder_ids[i] =
        inotify_add_watch(watch->queue, watch->folders.paths[i], IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
  }
  return 0;
}

static void empty_queue(struct session_watch *watch) {
  static _Alignas(struct inotify_event) char events[QUEUE_BYTES];
  ssize_t size;
  while ((size = read(watch->queue, events, sizeof events)) > 0) take_events(watch, events, (size_t)size);
}

static void take_events(struct session_watch *watch, const char *events, size_t size) {
  size_t at = 0;
  while (at + sizeof(struct inotify_event) <= size) {
    struct inotify_event event;
    memcpy(&event, events + at, sizeof event);
    const char *file_name = events + at + sizeof event;
    if (event.mask & IN_Q_OVERFLOW) {
      places_visit_files(&watch->folders, take_found, watch);
    } else if (event.len > 0) {
      take_file(watch, event.wd, file_name);
    }
    at += sizeof event + event.len;
  }
}

static void take_file(struct session_watch *watch, int folder_id, const char *file_name) {
  struct place place = {.is_memfd = false};
  if (place_name_parse(file_name, &place.name) != 0) return;
  for (size_t i = 0; i < watch->folders.count; i++) {
    if (watch->folder_ids[i] != folder_id) continue;
    snprintf(place.path, sizeof place.path, "%s/%s", watch->folders.paths[i], file_name);
    take_new(watch, &place);
    return;
  }
}

/* A new segment: of a new process, or of one that exec'd. */
static void take_new(struct session_watch *watch, const struct place *place) {
  if (place->name.pid_namespace != watch->pid_namespace) return; /* its pid means nothing here */
  struct owner *owner = find_owner(watch, &place->name);
  if (owner && strcmp(owner->image.path, place->path) == 0) return;
  if (watch->follower) watch->follower->appear(place, watch->follower->context);
  if (!owner) {
    owner = add_owner(watch, place);
    if (owner) follow_end(watch, owner);
  } else {
    take_image(watch, &owner->image, false);
    owner->image = *place;
    expect_figures(watch, owner);
  }
}

/* Found by searching: perhaps an earlier image, which `keep` has left there. */
static void take_found(const struct place *place, void *context) {
  struct session_watch *watch = context;
  const struct owner *owner = find_owner(watch, &place->name);
  if (!owner || place->name.image > owner->image.name.image) take_new(watch, place);
}

static struct owner *find_owner(const struct session_watch *watch, const struct place_name *name) {
  struct owner_key key = {.start_ticks = name->start_ticks, .pid = name->pid};
  struct owner *owner;
  HASH_FIND(hh, watch->owners, &key, sizeof key, owner);
  return owner;
}

/* NULL: no memory; the search at the end finds it. */
static struct owner *add_owner(struct session_watch *watch, const struct place *place) {
  struct owner *owner = calloc(1, sizeof *owner);
  if (!owner) return NULL;
  owner->key = (struct owner_key){.start_ticks = place->name.start_ticks, .pid = place->name.pid};
  owner->image = *place;
  owner->pidfd = -1;
  expect_figures(watch, owner);
  HASH_ADD(hh, watch->owners, key, sizeof owner->key, owner);
  if (owner->hh.tbl) return owner;
  free(owner); /* so uthash says that it has no memory */
  return NULL;
}

/*
 * The pid may be another's by now: only a process of that start time is waited for. One that has ended is not finished at
 * once: events of its later images may stand in the queue.
 */
static void follow_end(struct session_watch *watch, struct owner *owner) {
  struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = owner};
  owner->pidfd = (int)syscall(SYS_pidfd_open, owner->key.pid, 0);
  bool is_there = process_is_there((uint32_t)owner->key.pid, owner->key.start_ticks);
  if (!is_there || owner->pidfd < 0 || epoll_ctl(watch->epoll, EPOLL_CTL_ADD, owner->pidfd, &wanted) != 0) {
    owner->is_polled = true;
    watch->polled++;
  }
}

static void finish_dead(struct session_watch *watch, struct owner *owner) {
  owner->is_done = take_image(watch, &owner->image, true);
  if (owner->pidfd >= 0) close(owner->pidfd);
  owner->pidfd = -1;
  watch->polled -= owner->is_polled;
  owner->is_polled = false;
  if (!owner->is_done) drop_owner(watch, owner);
}

static void drop_owner(struct session_watch *watch, struct owner *owner) {
  HASH_DEL(watch->owners, owner);
  if (owner->pidfd >= 0) close(owner->pidfd);
  free(owner);
}

static void look_up_owners(struct session_watch *watch) {
  struct owner *owner, *next;
  HASH_ITER(hh, watch->owners, owner, next) {
    if (!owner->is_polled) continue;
    if (!process_is_there((uint32_t)owner->key.pid, owner->key.start_ticks)) finish_dead(watch, owner);
  }
}

/*
 * Reads it, hands it on, and removes it, unless its process still lives in this image. Returns whether the
 * session has visited it and left it there.
 */
static bool take_image(struct session_watch *watch, const struct place *place, bool is_last) {
  struct process *process = watch->process;
  struct fault fault;
  if (watch->follower) watch->follower->end(place, is_last, watch->follower->context);
  if (watch->follower && watch->follower->is_guest) return false;
  if (process_read(place->path, place->is_memfd, process, &fault) != 0)
    return false; /* gone, or never finished */
  if (!is_of_session(watch, &process->snapshot)) return false;
  if (!is_last) process->state = PROCESS_REPLACED;
  const struct owner *owner = find_owner(watch, &place->name);
  if (owner) taking_hand_over(&owner->taking, process);
  if (watch->visit) watch->visit(process, is_last, watch->context);
  bool is_over = !process_is_alive(process) && process->state != PROCESS_ELSEWHERE;
  if (!is_over || process->snapshot.is_kept || place->is_memfd) return true;
  return unlink(place->path) != 0 && errno != ENOENT;
}

static bool is_of_session(const struct session_watch *watch, const struct snapshot *snapshot) {
  return snapshot->session_pid == watch->session_pid && snapshot->session_start == watch->session_start;
}

/* What no event told of: memfds, other namespaces, a folder that was not there at the start. */
static void take_left_over(const struct place *place, void *context) {
  struct session_watch *watch = context;
  bool is_known = find_owner(watch, &place->name) && place->name.pid_namespace == watch->pid_namespace;
  if (!is_known) take_image(watch, place, true);
}
