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
#include "serve/pid_map.h"

#define FOLDERS_SEEN 256 /* of containers beyond, a folder that several share is read several times */

struct folder_id {
  dev_t device;
  ino_t inode;
};

struct visit {
  const struct host_wishes *wishes;
  host_visitor *visitor;
  void *context;
  struct host_tally tally;
  struct pid_map map;
  uint64_t own_namespace;
  struct process *process; /* room for one */
  struct folder_id seen[FOLDERS_SEEN];
  size_t seen_count;
  int result;
};

static void visit_containers(struct visit *visit);
static void visit_folder(struct visit *visit, uint32_t own_pid, const char *path);
static bool is_new_folder(struct visit *visit, const char *path);
static void visit_place(const struct place *place, void *context);
static uint32_t own_pid_of(const struct visit *visit, const struct place_name *name);
static bool is_wanted(const struct visit *visit, uint32_t own_pid);

int host_visit(const struct host_wishes *wishes, host_visitor *visitor, void *context,
               struct host_tally *ret_tally) {
  struct folders folders;
  struct visit visit = {
      .wishes = wishes, .visitor = visitor, .context = context, .process = malloc(sizeof *visit.process)};
  int error = visit.process ? procfs_own_pid_namespace(&visit.own_namespace) : -ENOMEM;
  if (!error) error = pid_map_make(&visit.map);
  if (!error) {
    folders_find(&folders);
    for (size_t i = 0; i < folders.count; i++) is_new_folder(&visit, folders.paths[i]);
    places_visit_files(&folders, visit_place, &visit);
    places_visit_memfds(visit_place, &visit);
    visit_containers(&visit);
    error = visit.result;
  }
  pid_map_free(&visit.map);
  free(visit.process);
  *ret_tally = visit.tally;
  return error;
}

/* A folder may be one that all have, or some share. */
static void visit_containers(struct visit *visit) {
  const char *own = getenv("RATION_DIR");
  for (size_t i = 0; i < visit->map.root_count; i++) {
    visit_folder(visit, visit->map.root[i].own, "/dev/shm");
    if (own && own[0] == '/') visit_folder(visit, visit->map.root[i].own, own);
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
  int error = process_read(place->path, place->is_memfd, visit->process, &fault);
  bool is_gone = error == -ENOENT || error == -EAGAIN || error == -ESRCH;
  visit->tally.unreadable += error && !is_gone;
  if (error || !is_wanted(visit, own_pid)) return;
  visit->tally.read++;
  visit->result = visit->visitor(visit->process, own_pid, visit->context);
}

static uint32_t own_pid_of(const struct visit *visit, const struct place_name *name) {
  if (name->pid_namespace == visit->own_namespace)
    return process_is_there(name->pid, name->start_ticks) ? name->pid : 0;
  uint32_t own_pid = pid_map_own(&visit->map, name->pid_namespace, name->pid);
  return own_pid && process_is_there(own_pid, name->start_ticks) ? own_pid : 0;
}

static bool is_wanted(const struct visit *visit, uint32_t own_pid) {
  const struct process *process = visit->process;
  const struct host_wishes *wishes = visit->wishes;
  if (wishes->program && strcmp(process->snapshot.program, wishes->program) != 0) return false;
  if (wishes->wants_ended) return true;
  bool is_alive = process_is_alive(process) || process->state == PROCESS_ELSEWHERE;
  return own_pid > 0 && is_alive && process->snapshot.state != RATION_STATE_REPLACED;
}
