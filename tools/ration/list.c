/*
 * list.c: `ration list [PID|FILE|FILE:PID...]`: the tracked processes, the living first; or, of one session, all that there was
 * of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "commands.h"
#include "complain.h"
#include "opening.h"
#include "reader/places.h"
#include "session/session_view.h"
#include "subject/subject.h"
#include "view/process_view.h"

/* Where a process was read from: JSON has all of it, so it is read again where it was not kept. */
struct source {
  struct process *process; /* of a subject */
  char *path;              /* else; allocated */
  bool is_memfd;
};

/* What was found, in the order in which it was found. */
struct listing {
  struct member_list list;
  struct source *sources; /* by a member's number */
  size_t source_room;
  struct process *process; /* room for one */
  size_t unreadable;       /* of other users */
  bool is_out_of_memory;
};

extern const struct argp list_argp;
int list_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int find_all(struct listing *listing);
static int find_named(struct listing *listing, bool keeps_all);
static void add_place(const struct place *place, void *context);
static void add(struct listing *listing, struct process *process, const struct place *place);
static int check(const struct listing *listing);
static void show_list(struct emitter *emitter, struct listing *listing);
static void show_objects(struct emitter *emitter, struct listing *listing);
static int show_session(struct emitter *emitter, const struct listing *listing);
static int compare(const void *a, const void *b);
static void free_listing(struct listing *listing);

#define SESSION_KEY 1001

static const struct argp_option options[] = {
    {"session", SESSION_KEY, "ID|last", 0,
     "show the processes of a session, merged: the sum, by program, and as a tree", 1},
    {0},
};
const struct argp list_argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[PID|FILE|FILE:PID...]",
    .doc = "Shows the tracked processes, those that live first; of those named, these alone."
           "\vID is PID.START, as RATION_SESSION and the column SESSION have it; last: the session that was "
           "started last."};

static struct argument_session asked; /* for a session */
static struct argument_list wanted;   /* the arguments */
static struct subject *subjects;      /* of the arguments, while they are shown */

int list_command(struct emitter *emitter) {
  struct listing listing = {.process = malloc(sizeof *listing.process)};
  listing.is_out_of_memory = !listing.process;
  int status = STATUS_DONE;
  if (listing.process)
    status = wanted.text ? find_named(&listing, !asked.text && emitter_is_json(emitter)) : find_all(&listing);
  if (!status) status = check(&listing);
  if (!status && asked.text) {
    status = show_session(emitter, &listing);
  } else if (!status) {
    show_list(emitter, &listing);
  }
  free_listing(&listing);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == SESSION_KEY) return argument_session(argument, &asked);
  return key == ARGP_KEY_ARG ? argument_add(argument, &wanted) : ARGP_ERR_UNKNOWN;
}

static int find_all(struct listing *listing) {
  places_visit_all(add_place, listing);
  return STATUS_DONE;
}

/* What only rows are wanted of is closed at once. Returns the exit status. */
static int find_named(struct listing *listing, bool keeps_all) {
  subjects = calloc(wanted.count, sizeof *subjects);
  if (!subjects) listing->is_out_of_memory = true;
  for (size_t i = 0; subjects && i < wanted.count; i++) {
    struct fault fault;
    int error = opening_subject(wanted.text[i], &subjects[i], &fault);
    if (error) {
      complain(wanted.text[i], "%s", fault.words);
      return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
    }
    opening_remark(wanted.text[i], &subjects[i]);
    for (size_t j = 0; j < subjects[i].count; j++) add(listing, subjects[i].processes[j], NULL);
    if (!keeps_all) subject_close(&subjects[i]);
  }
  return STATUS_DONE;
}

/* What cannot be read is passed over: a list is of what there is to see. But for what somebody has put there. */
static void add_place(const struct place *place, void *context) {
  struct listing *listing = context;
  struct fault fault;
  int error = process_read(place->path, place->is_memfd, listing->process, &fault);
  listing->unreadable += error == -EACCES;
  if (error == -EPERM) complain(place->path, "%s", fault.words);
  if (!error) add(listing, listing->process, place);
}

/* Of a place, or, without one, of a subject. */
static void add(struct listing *listing, struct process *process, const struct place *place) {
  size_t at = listing->list.count;
  struct source source = {.process = place ? NULL : process, .is_memfd = place && place->is_memfd};
  if (at == listing->source_room) {
    size_t room = at ? at * 2 : 64;
    struct source *sources = realloc(listing->sources, room * sizeof *sources);
    if (!sources) listing->is_out_of_memory = true;
    if (!sources) return;
    listing->sources = sources;
    listing->source_room = room;
  }
  if (place) source.path = strdup(place->path);
  if ((place && !source.path) || member_list_add(&listing->list, process) != 0) {
    listing->is_out_of_memory = true;
    free(source.path);
    return;
  }
  listing->sources[at] = source;
}

/* Returns the exit status. */
static int check(const struct listing *listing) {
  if (listing->is_out_of_memory) {
    complain("list", "not enough memory for all processes; end some, or run `ration clean`");
    return STATUS_MISSING;
  }
  if (listing->list.count == 0 && listing->unreadable > 0) {
    complain("list", "all %zu segments belong to other users; look as root", listing->unreadable);
    return STATUS_MISSING;
  }
  return STATUS_DONE;
}

static void show_list(struct emitter *emitter, struct listing *listing) {
  struct member_list *list = &listing->list;
  bool has_sessions = false;
  if (list->count > 0) qsort(list->members, list->count, sizeof *list->members, compare);
  for (size_t i = 0; i < list->count; i++) has_sessions |= list->members[i].session_start > 0;
  emitter_begin_table(emitter);
  for (size_t i = 0; i < list->count; i++) session_view_listed(emitter, &list->members[i], has_sessions);
  emitter_end_table(emitter);
  emitter_begin_list(emitter, "processes");
  if (emitter_is_json(emitter)) show_objects(emitter, listing);
  emitter_end(emitter);
  if (list->count == 0)
    emitter_remark(emitter, "remark", "", "no tracked process; start one with `ration run -- CMD`");
}

/* One after the other: there is room for one. Who has gone meanwhile is gone, but of one that is there all is told that is
 * known. */
static void show_objects(struct emitter *emitter, struct listing *listing) {
  for (size_t i = 0; i < listing->list.count; i++) {
    const struct source *source = &listing->sources[listing->list.members[i].number];
    struct fault fault;
    bool is_there =
        source->process || process_read(source->path, source->is_memfd, listing->process, &fault) == 0;
    if (!is_there) continue;
    struct process *process = source->process ? source->process : listing->process;
    int error = subject_take_growth(process, &fault);
    if (error && error != -ENOENT)
      complain("list", "note: how fast %s (pid %u) grows is not known: %s", process->snapshot.program,
               process->snapshot.name.pid, fault.words);
    process_view_page(emitter, process, &selection_all);
  }
}

/* Returns the exit status. */
static int show_session(struct emitter *emitter, const struct listing *listing) {
  struct session session;
  int error = 0;
  if (asked.is_last) error = session_find_last(&listing->list, &asked.pid, &asked.start);
  if (!error) error = session_make(&listing->list, asked.pid, asked.start, &session);
  if (error == -ENOENT) {
    complain(asked.text,
             "no process of %s session; `ration list` shows what there is, `ration run --set keep=1` leaves "
             "it there",
             asked.is_last ? "a" : "this");
  } else if (error) {
    complain("list", "not enough memory for all processes of a session");
  }
  if (error) return STATUS_MISSING;
  emitter_begin_list(emitter, "sessions");
  session_view(emitter, &session);
  emitter_end(emitter);
  session_free(&session);
  return STATUS_DONE;
}

/* The living first; of both, the oldest. */
static int compare(const void *a, const void *b) {
  const struct member *left = a, *right = b;
  if (left->is_alive != right->is_alive) return left->is_alive ? -1 : 1;
  if (left->started_at_ns != right->started_at_ns) return left->started_at_ns < right->started_at_ns ? -1 : 1;
  return left->number < right->number ? -1 : 1;
}

static void free_listing(struct listing *listing) {
  for (size_t i = 0; i < listing->list.count; i++)
    free(listing->sources[listing->list.members[i].number].path);
  for (size_t i = 0; subjects && i < wanted.count; i++) subject_close(&subjects[i]);
  free(subjects);
  free(wanted.text);
  free(listing->sources);
  free(listing->process);
  member_list_free(&listing->list);
}
