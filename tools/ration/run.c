/*
 * run.c: `ration run -- CMD ARGS`: starts a program under the shim, and shows at its end who had its memory.
 */
#include <stdlib.h>

#include "commands.h"
#include "complain.h"
#include "launch/request.h"
#include "launch/start.h"
#include "launch/tree.h"
#include "select.h"

/* One run, from the command line to the closing screen. */
struct run {
  struct start start;
  struct tree tree;
};

extern const struct argp run_argp;
int run_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static void add_to_tree(const struct process *process, bool is_last_image, void *context);
static void view(struct emitter *emitter, const struct run *run);
static void note_unknown_category(struct emitter *emitter, const struct process *process);

static const struct argp_option options[] = {
    {"quiet", 'q', NULL, 0, "show nothing at the end", 1},
    {0},
};
static const struct argp_child children[] = {{.argp = &request_argp}, {.argp = &select_argp}, {0}};
const struct argp run_argp = {
    .options = options, .parser = parse, .args_doc = "[--] CMD [ARG...]", .children = children};

static bool is_quiet;

int run_command(struct emitter *emitter) {
  struct run run = {.start.who = "run"};
  int status = start_prepare(&run.start, add_to_tree, &run);
  if (!status) status = start_begin(&run.start);
  if (!status) status = start_wait(&run.start);
  if (run.tree.program && run.start.ended_at) {
    process_set_ended(run.tree.program, run.start.child.wait_status, run.start.ended_at);
  }
  if (run.start.child.has_ended && !is_quiet) view(emitter, &run);
  start_free(&run.start);
  tree_free(&run.tree);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)argument;
  (void)state;
  if (key == 'q') {
    is_quiet = true;
  } else if (key == ARGP_KEY_END && !requested.arguments) {
    complain("run", "no command to run; see `ration help run`");
    return COMMAND_COMPLAINED;
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static void add_to_tree(const struct process *process, bool is_last_image, void *context) {
  struct run *run = context;
  tree_add(&run->tree, process, is_last_image && start_is_program(&run->start, process));
}

static void view(struct emitter *emitter, const struct run *run) {
  if (!run->tree.program) {
    char remark[START_REMARK_BYTES];
    start_explain_absence(&run->start, remark);
    emitter_remark(emitter, "remark", "ration: ", remark);
  }
  tree_view(emitter, &run->tree, &selected);
  if (run->tree.program) note_unknown_category(emitter, run->tree.program);
  if (run->tree.is_out_of_memory) {
    emitter_remark(emitter, "remark", "ration: ", "not enough memory to show every process by itself");
  }
}

/* A child may have it. The program has run: its status is what counts. */
static void note_unknown_category(struct emitter *emitter, const struct process *process) {
  if (!selected.category || process->snapshot.passive) return;
  if (selection_root(&selected, &process->snapshot) != 0) return;
  char remark[512];
  snprintf(remark, sizeof remark, "%.63s: no category `%.191s`", process->snapshot.program,
           selected.category);
  emitter_remark(emitter, "remark", "ration: ", remark);
}
