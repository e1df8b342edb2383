/*
 * top.c: `ration top [PID|FILE...]`: what tracked processes have, as it changes; full screen, or once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "commands.h"
#include "complain.h"
#include "reader/monotonic.h"
#include "reader/places.h"
#include "reader/wanted.h"
#include "session/session.h"
#include "subject/subject.h"
#include "top/loop.h"
#include "top/once.h"

extern const struct argp top_argp;
int top_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t check_arguments(void);
static int show(struct emitter *emitter, struct board *board);
static int check_screen(const struct emitter *emitter);
static int name_all(struct scene *scene);
static int name_one(struct scene *scene, const char *text);
static int find_last(struct scene_wishes *wishes);
static void add_place(const struct place *place, void *context);

#define SESSION_KEY 1001
#define ONCE_KEY    1002

static const struct argp_option options[] = {
    {"session", SESSION_KEY, "ID|last", 0, "show the processes of a session alone", 1},
    {"once", ONCE_KEY, NULL, 0, "print what there is, once, instead of a full screen", 1},
    {0},
};
const struct argp top_argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[PID|FILE...]",
    .doc = "Shows what running processes have, by category, each second anew: those that are named, else all "
           "that are tracked."
           "\vID is PID.START, as RATION_SESSION and the column SESSION of `ration list` have it; last: the "
           "session that was started last. `?` shows the keys; --json and --output are of --once."};

static struct argument_list wanted;   /* the arguments */
static struct argument_session asked; /* for a session */
static bool is_once;

int top_command(struct emitter *emitter) {
  struct board *board = calloc(1, sizeof *board);
  int status = STATUS_MISSING;
  if (!board || scene_begin(&board->scene) != 0) {
    complain("top", "not enough memory");
  } else {
    status = show(emitter, board);
  }
  if (board) board_free(board);
  free(board);
  free(wanted.text);
  return status;
}

/* ---- arguments ------------------------------------------------------------------------------------------- */

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  if (key == SESSION_KEY) return argument_session(argument, &asked);
  if (key == ONCE_KEY) is_once = true;
  if (key == ONCE_KEY) return 0;
  if (key == ARGP_KEY_END) return check_arguments();
  return key == ARGP_KEY_ARG ? argument_add(argument, &wanted) : ARGP_ERR_UNKNOWN;
}

static error_t check_arguments(void) {
  if (!asked.text || wanted.count == 0) return 0;
  complain("top", "processes and a session; expected one of them");
  return COMMAND_COMPLAINED;
}

/* ---- what is shown --------------------------------------------------------------------------------------- */

/* Returns the exit status. */
static int show(struct emitter *emitter, struct board *board) {
  struct fault fault = {"not enough memory"};
  int status = is_once ? STATUS_DONE : check_screen(emitter);
  if (!status) status = name_all(&board->scene);
  if (status) return status;
  int error = is_once ? once_show(board, emitter) : loop_run(board, &fault);
  if (!error) return STATUS_DONE;
  complain("top", "%s", fault.words);
  return error == -ENOTTY || error == -ENODEV ? STATUS_USAGE : STATUS_MISSING;
}

static int check_screen(const struct emitter *emitter) {
  if (!emitter_is_json(emitter) && !emitter_has_file(emitter)) return STATUS_DONE;
  complain("top", "--json and --output are of what is printed once; add --once");
  return STATUS_USAGE;
}

static int name_all(struct scene *scene) {
  int status = STATUS_DONE;
  for (size_t i = 0; i < wanted.count && !status; i++) status = name_one(scene, wanted.text[i]);
  if (status || !asked.text) return status;
  scene->wishes.session_pid = asked.pid;
  scene->wishes.session_start = asked.start;
  return asked.is_last ? find_last(&scene->wishes) : STATUS_DONE;
}

static int name_one(struct scene *scene, const char *text) {
  struct fault fault;
  int error = 0;
  if (subject_is_recording(text))
    error = fault_set(&fault, -EINVAL, "a recording; `ration report` shows it, top what runs");
  if (!error) error = wanted_read(text, scene->process, &fault);
  if (!error && scene_name(scene, scene->process, monotonic_ns()))
    error = fault_set(&fault, -ENOMEM, "not enough memory");
  if (!error) return STATUS_DONE;
  complain(text, "%s", fault.words);
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}

/* ---- the last session ------------------------------------------------------------------------------------ */

struct search {
  struct member_list list;
  struct process *process; /* room for one */
  bool is_out_of_memory;
};

static int find_last(struct scene_wishes *wishes) {
  struct search search = {.process = malloc(sizeof *search.process)};
  search.is_out_of_memory = !search.process;
  if (search.process) places_visit_all(add_place, &search);
  int error = search.is_out_of_memory
                  ? -ENOMEM
                  : session_find_last(&search.list, &wishes->session_pid, &wishes->session_start);
  member_list_free(&search.list);
  free(search.process);
  if (!error) return STATUS_DONE;
  complain(asked.text, "%s",
           error == -ENOENT ? "no process of a session; `ration list` shows what there is"
                            : "not enough memory for all processes");
  return STATUS_MISSING;
}

static void add_place(const struct place *place, void *context) {
  struct search *search = context;
  struct fault fault;
  int error = process_read(place->path, place->is_memfd, search->process, &fault);
  if (!error && member_list_add(&search->list, search->process) != 0) search->is_out_of_memory = true;
}
