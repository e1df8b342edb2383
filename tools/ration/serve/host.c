/*
 * host.c: names of segments say whose they are, so that of most that are dead the file is not even opened.
 */
#include "serve/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reader/places.h"
#include "reader/procfs.h"

#define FOLDERS_SEEN  256 /* of containers beyond, a folder that several share is read several times */
#define WALK_EVERY_NS UINT64_C(10000000000)

struct folder_id {
  dev_t device;
  ino_t inode;
};

struct visit {
  const struct host_wishes *wishes;
  host_visitor *visitor;
  void *context;
  struct host_tally tally;
  struct walk *walk;
  uint64_t own_namespace;
  struct process *process; /* room for one */
  struct proc_stat stat;   /* of it, where it lives */
  struct folder_id seen[FOLDERS_SEEN];
  size_t seen_count;
  int result;
};

static void visit_containers(struct visit *visit);
static void visit_folder(struct visit *visit, uint32_t own_pid, const char *path);
static bool is_new_folder(struct visit *visit, const char *path);
static void visit_place(const struct place *place, void *context);
static int read_process(struct visit *visit, const struct place *place, struct fault *ret_fault);
static uint32_t own_pid_of(struct visit *visit, const struct place_name *name);
static bool is_there(struct visit *visit, uint32_t own_pid, uint64_t start_ticks);
static bool is_wanted(const struct visit *visit, uint32_t own_pid);

int host_visit(const struct host_wishes *wishes, host_visitor *visitor, void *context,
               struct host_tally *ret_tally) {
  struct folders folders;
  struct walk own_walk = {.at_ns = 0};
  struct visit visit = {.wishes = wishes,
                        .visitor = visitor,
                        .context = context,
                        .walk = wishes->kept ? &wishes->kept->walk : &own_walk,
                        .process = malloc(sizeof *visit.process)};
  int error = visit.process ? procfs_own_pid_namespace(&visit.own_namespace) : -ENOMEM;
  if (!error) error = walk_renew(visit.walk, WALK_EVERY_NS);
  if (!error) {
    folders_find(&folders);
    for (size_t i = 0; i < folders.count; i++) is_new_folder(&visit, folders.paths[i]);
    places_visit_files(&folders, visit_place, &visit);
    for (size_t i = 0; i < visit.walk->count; i++)
      if (places_has_memfd(&visit.walk->memfds[i])) visit_place(&visit.walk->memfds[i], &visit);
    visit_containers(&visit);
    error = visit.result;
  }
  walk_free(&own_walk);
  free(visit.process);
  *ret_tally = visit.tally;
  return error;
}

/* A folder may be one that all have, or some share. */
static void visit_containers(struct visit *visit) {
  const char *own = getenv("RATION_DIR");
  for (size_t i = 0; i < visit->walk->map.root_count; i++) {
    visit_folder(visit, visit->walk->map.root[i].own, "/dev/shm");
    if (own && own[0] == '/') visit_folder(visit, visit->walk->map.root[i].own, own);
  }
}

static void visit_folder(struct visit *visit, uint32_t own_pid, const char *path) {
  struct folders one = {.count = 1};
  int length = snprintf(one.paths[0], sizeof one.paths[0], "/proc/%" PRIu32 "/root%s", own_pid, path);
  if (length < 0 || (size_t)length >= sizeof one.paths[0]) return;
  if (is_new_folder(visit, one.paths[0])) places_visit_files(&one, visit_place, visit);
}

static bool is_new_folder(struct visit *visit, const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return false;
  for (size_t i = 0; i < visit->seen_count; i++)
    if (visit->seen[i].device == status.st_dev && visit->seen[i].inode == status.st_ino) return false;
  if (visit->seen_count < FOLDERS_SEEN)
    visit->seen[visit->seen_count++] = (struct folder_id){status.st_dev, status.st_ino};
  return true;
}

/* One that has gone meanwhile, or is just being made, is no process that cannot be read. */
static void visit_place(const struct place *place, void *context) {
  struct visit *visit = context;
  struct fault fault;
  if (visit->result || (visit->wishes->pid && place->name.pid != visit->wishes->pid)) return;
  uint32_t own_pid = own_pid_of(visit, &place->name);
  if (own_pid == 0 && !visit->wishes->wants_ended) return;
  int error = read_process(visit, place, &fault);
  bool is_elsewhere = !error && own_pid && place->name.pid_namespace != visit->own_namespace;
  if (is_elsewhere) error = process_check_user(visit->process, own_pid, &fault);
  bool is_gone = error == -ENOENT || error == -EAGAIN || error == -ESRCH;
  visit->tally.unreadable += error && !is_gone;
  if (error || !is_wanted(visit, own_pid)) return;
  visit->tally.read++;
  visit->result = visit->visitor(visit->process, own_pid, visit->context);
}

/* What /proc has just said is of a pid in this namespace. */
static int read_process(struct visit *visit, const struct place *place, struct fault *ret_fault) {
  struct kept_book *book = visit->wishes->kept ? &visit->wishes->kept->book : NULL;
  bool is_here = place->name.pid_namespace == visit->own_namespace;
  if (!book) return process_read(place->path, place->is_memfd, visit->process, ret_fault);
  struct kept *kept = kept_find(book, &place->name);
  if (!kept) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  return process_read_books(place->path, place->is_memfd, is_here ? &visit->stat : NULL, kept_process(kept),
                            visit->process, ret_fault);
}

static uint32_t own_pid_of(struct visit *visit, const struct place_name *name) {
  if (name->pid_namespace == visit->own_namespace)
    return is_there(visit, name->pid, name->start_ticks) ? name->pid : 0;
  uint32_t own_pid = pid_map_own(&visit->walk->map, name->pid_namespace, name->pid);
  return own_pid && is_there(visit, own_pid, name->start_ticks) ? own_pid : 0;
}

static bool is_there(struct visit *visit, uint32_t own_pid, uint64_t start_ticks) {
  return procfs_stat(own_pid, &visit->stat) == 0 && visit->stat.start_ticks == start_ticks &&
         !procfs_is_dead(&visit->stat);
}

static bool is_wanted(const struct visit *visit, uint32_t own_pid) {
  const struct process *process = visit->process;
  const struct host_wishes *wishes = visit->wishes;
  if (wishes->program && strcmp(process->snapshot.program, wishes->program) != 0) return false;
  if (wishes->wants_ended) return true;
  bool is_alive = process_is_alive(process) || process->state == PROCESS_ELSEWHERE;
  return own_pid > 0 && is_alive && process->snapshot.state != RATION_STATE_REPLACED;
}

void host_kept_free(struct host_kept *kept) {
  walk_free(&kept->walk);
  kept_free(&kept->book);
}
