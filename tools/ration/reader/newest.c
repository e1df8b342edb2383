/*
 * newest.c: read all that may be meant, keep the newest.
 */
#include "reader/newest.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader/places.h"
#include "reader/procfs.h"

struct search {
  uint32_t pid; /* 0: any */
  uint64_t pid_namespace;
  struct process *best; /* the caller's */
  struct process *next;
  bool has_best;
  int error; /* of the last that could not be read */
  struct fault *fault;
};

static int search_all(struct search *search);
static void look_at(const struct place *place, void *context);
static bool is_meant(const struct search *search, const struct place *place);

int newest_of_user(struct process *ret_process, struct fault *ret_fault) {
  struct search search = {.best = ret_process, .fault = ret_fault};
  int error = search_all(&search);
  if (error != -ENOENT) return error;
  return fault_set(ret_fault, -ENOENT, "no segment of yours; start a program with `ration run -- CMD`");
}

int newest_of_pid(uint32_t pid, struct process *ret_process, struct fault *ret_fault) {
  struct search search = {.pid = pid, .best = ret_process, .fault = ret_fault};
  int error = procfs_own_pid_namespace(&search.pid_namespace);
  if (!error) error = search_all(&search);
  if (error != -ENOENT) return error;
  return fault_set(ret_fault, -ENOENT, "no tracked process of this pid; `ration list` shows what there is");
}

static int search_all(struct search *search) {
  search->next = malloc(sizeof *search->next);
  if (!search->next) return fault_set(search->fault, -ENOMEM, "not enough memory");
  places_visit_all(look_at, search);
  free(search->next);
  if (search->has_best) return 0;
  return search->error ? search->error : -ENOENT;
}

static void look_at(const struct place *place, void *context) {
  struct search *search = context;
  if (!is_meant(search, place)) return;
  int error = process_read(place->path, place->is_memfd, search->next, search->fault);
  if (error == -ENOENT) return; /* it went meanwhile */
  if (error) {
    search->error = error;
    return;
  }
  bool is_newer =
      !search->has_best || search->next->snapshot.started_at_ns >= search->best->snapshot.started_at_ns;
  if (!is_newer) return;
  *search->best = *search->next;
  search->has_best = true;
}

static bool is_meant(const struct search *search, const struct place *place) {
  if (search->pid) {
    return place->name.pid == search->pid && place->name.pid_namespace == search->pid_namespace;
  }
  struct stat stat_buffer;
  return stat(place->path, &stat_buffer) == 0 && stat_buffer.st_uid == geteuid();
}
