/*
 * list.c: `ration list`: the tracked processes, the living first.
 */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "complain.h"
#include "reader/places.h"
#include "reader/process.h"
#include "view/process_view.h"

/* What was found, in the order in which it was found. */
struct listing {
  struct process **processes;
  size_t count;
  size_t room;
  size_t unreadable; /* of other users */
  bool is_out_of_memory;
};

extern const struct argp list_argp;
int list_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static void add_place(const struct place *place, void *context);
static int make_room(struct listing *listing);
static int compare(const void *a, const void *b);

const struct argp list_argp = {.parser = parse};

int list_command(struct emitter *emitter) {
  struct listing listing = {0};
  places_visit_all(add_place, &listing);
  if (listing.is_out_of_memory) {
    complain("list", "not enough memory for all processes; end some, or run `ration clean`");
    return STATUS_MISSING;
  }
  if (listing.count == 0 && listing.unreadable > 0) {
    complain("list", "all %zu segments belong to other users; look as root", listing.unreadable);
    return STATUS_MISSING;
  }
  if (listing.count > 0) qsort(listing.processes, listing.count, sizeof *listing.processes, compare);
  emitter_begin_table(emitter);
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; i < listing.count; i++) {
    process_view_listed(emitter, listing.processes[i]);
    free(listing.processes[i]);
  }
  emitter_end(emitter);
  emitter_end_table(emitter);
  if (listing.count == 0) {
    emitter_remark(emitter, "remark", "", "no tracked process; start one with `ration run -- CMD`");
  }
  free(listing.processes);
  return STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)key;
  (void)argument;
  (void)state;
  return ARGP_ERR_UNKNOWN;
}

/* What cannot be read is passed over: a list is of what there is to see. */
static void add_place(const struct place *place, void *context) {
  struct listing *listing = context;
  struct fault fault;
  if (make_room(listing) != 0) return;
  struct process *process = malloc(sizeof *process);
  if (!process) {
    listing->is_out_of_memory = true;
    return;
  }
  int error = process_read(place->path, place->is_memfd, process, &fault);
  if (error) {
    listing->unreadable += error == -EACCES;
    free(process);
    return;
  }
  listing->processes[listing->count++] = process;
}

static int make_room(struct listing *listing) {
  if (listing->count < listing->room) return 0;
  size_t room = listing->room ? listing->room * 2 : 64;
  struct process **processes = realloc(listing->processes, room * sizeof *processes);
  if (!processes) {
    listing->is_out_of_memory = true;
    return -ENOMEM;
  }
  listing->processes = processes;
  listing->room = room;
  return 0;
}

/* The living first; of both, the oldest. */
static int compare(const void *a, const void *b) {
  const struct process *left = *(struct process *const *)a;
  const struct process *right = *(struct process *const *)b;
  bool is_left_alive = process_is_alive(left), is_right_alive = process_is_alive(right);
  if (is_left_alive != is_right_alive) return is_left_alive ? -1 : 1;
  uint64_t left_start = left->snapshot.started_at_ns, right_start = right->snapshot.started_at_ns;
  return left_start < right_start ? -1 : left_start > right_start;
}
