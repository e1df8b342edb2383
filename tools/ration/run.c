/*
 * run.c: `ration run -- CMD ARGS`: starts a program under the shim, and shows at its end who had its memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "commands.h"
#include "complain.h"
#include "config/budget_check.h"
#include "config/option_string.h"
#include "config/rule_file.h"
#include "launch/child.h"
#include "launch/preload.h"
#include "launch/session_watch.h"
#include "launch/target.h"
#include "launch/tree.h"
#include "reader/places.h"
#include "reader/procfs.h"
#include "select.h"

/* One run, from the command line to the closing screen. */
struct run {
  struct target target;
  struct launch launch;
  char *preload; /* what launch points to */
  char *options;
  struct rlimit descriptors; /* as the caller gave it */
  char session[48];
  uint64_t own_start;
  struct child child;
  struct session_watch *watch;
  struct tree tree;
};

extern const struct argp run_argp;
int run_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t add_settings(const char *settings);
static error_t take_inherited(void);
static int find_target(struct run *run);
static int prepare_options(struct run *run);
static int join_options(struct run *run, const struct rule_file *file);
static int check_budgets(const struct run *run, const struct rule_file *file);
static int read_config(struct rule_file *ret_file);
static int prepare(struct run *run);
static int prepare_preload(struct run *run);
static void raise_descriptors(struct run *run);
static int start(struct run *run);
static int start_fault(int error, bool has_exec_failed);
static int wait_for_end(struct run *run);
static void add_to_tree(const struct process *process, bool is_last_image, void *context);
static void view(struct emitter *emitter, const struct run *run);
static void note_unknown_category(struct emitter *emitter, const struct process *process);
static void explain_absence(struct emitter *emitter, const struct run *run);

static const struct argp_option options[] = {
    {"quiet", 'q', NULL, 0, "show nothing at the end", 1},
    {"config", 'c', "FILE", 0, "take options, rules and budgets from a rule file (see `ration help config`)",
     1},
    {"set", 's', "NAME=VALUE", 0,
     "set an option, a rule or a budget, above those of the file; may be given again", 1},
    {0},
};
static const struct argp_child children[] = {{.argp = &select_argp}, {0}};
const struct argp run_argp = {
    .options = options, .parser = parse, .args_doc = "[--] CMD [ARG...]", .children = children};

static bool is_quiet;
static const char *config; /* NULL: no rule file */
static char *inherited;    /* RATION_OPTIONS, as the shim is to get it; NULL: none */
static char *settings;     /* of all --set; NULL: none */
static char **arguments;

int run_command(struct emitter *emitter) {
  struct run run = {.launch.arguments = arguments};
  int status = prepare_options(&run);
  if (!status) status = find_target(&run);
  if (!status) status = prepare(&run);
  if (!status) status = start(&run);
  if (!status) status = wait_for_end(&run);
  if (run.child.has_ended && !is_quiet) view(emitter, &run);
  if (run.watch) session_watch_free(run.watch);
  tree_free(&run.tree);
  free(run.preload);
  free(run.options);
  return status;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  if (key == 'q') {
    is_quiet = true;
  } else if (key == 'c' && config) {
    complain("--config", "given twice; expected one rule file");
    return COMMAND_COMPLAINED;
  } else if (key == 'c') {
    config = argument;
  } else if (key == 's') {
    return add_settings(argument);
  } else if (key == ARGP_KEY_ARG && !arguments) {
    arguments = state->argv + state->next - 1;
    state->next = state->argc; /* the rest is CMD's */
  } else if (key == ARGP_KEY_END && !arguments) {
    complain("run", "no command to run; see `ration help run`");
    return COMMAND_COMPLAINED;
  } else if (key == ARGP_KEY_END) {
    return take_inherited();
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static error_t add_settings(const char *more) {
  struct fault fault;
  char *string;
  if (option_string_translate(more, &string, &fault) != 0) {
    complain("--set", "%s", fault.words);
    return COMMAND_COMPLAINED;
  }
  char *joined = option_string_join(settings, string);
  free(string);
  if (!joined) return ENOMEM;
  free(settings);
  settings = joined;
  return 0;
}

static error_t take_inherited(void) {
  struct fault fault;
  const char *text = getenv("RATION_OPTIONS");
  if (!text || option_string_translate(text, &inherited, &fault) == 0) return 0;
  complain("RATION_OPTIONS", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

/*
 * The settings of the file, of the environment and of the command line; the later ones win. Returns the exit status;
 * so do all below that return a status.
 */
static int prepare_options(struct run *run) {
  struct rule_file file = {0};
  int status = config ? read_config(&file) : STATUS_DONE;
  if (!status) status = join_options(run, &file);
  if (!status) status = check_budgets(run, &file);
  rule_file_free(&file);
  if (!status && *run->options) run->launch.options = run->options;
  return status;
}

static int join_options(struct run *run, const struct rule_file *file) {
  struct fault fault;
  char *both = option_string_join(file->string, inherited ? inherited : "");
  if (both) run->options = option_string_join(both, settings ? settings : "");
  free(both);
  if (!run->options) {
    complain("run", "not enough memory");
    return STATUS_FAILED;
  }
  if (option_string_check_room(run->options, &fault) == 0) return STATUS_DONE;
  complain("run", "%s", fault.words);
  return STATUS_USAGE;
}

/* Only all of them together tell what a budget is a share of; where one is wrong, who gave it is told. */
static int check_budgets(const struct run *run, const struct rule_file *file) {
  struct budget_list budgets;
  struct fault fault;
  size_t at, of_file = file->string ? strlen(file->string) : 0;
  if (budget_list_read(run->options, &budgets, &fault) != 0) {
    complain("run", "%s", fault.words);
    return STATUS_FAILED;
  }
  int error = budget_check(&budgets, true, &at, &fault);
  budget_list_free(&budgets);
  if (!error) return STATUS_DONE;
  size_t of_settings = settings ? strlen(settings) : 0;
  if (at < of_file) {
    complain_at(config, rule_file_line(file, at), fault.words);
  } else {
    complain(at + of_settings >= strlen(run->options) ? "--set" : "RATION_OPTIONS", "%s", fault.words);
  }
  return STATUS_USAGE;
}

static int read_config(struct rule_file *ret_file) {
  struct rule_fault fault;
  int error = rule_file_read(config, ret_file, &fault);
  if (!error) return STATUS_DONE;
  complain(fault.place, "%s", fault.fault.words);
  return error == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
}

static int find_target(struct run *run) {
  int error = target_find(arguments[0], getenv("PATH"), &run->target);
  if (!error) return STATUS_DONE;
  return start_fault(error, true);
}

static int prepare(struct run *run) {
  struct proc_stat self;
  int error = procfs_stat((uint32_t)getpid(), &self);
  if (error) {
    complain("/proc/self/stat", "%s; ration needs /proc", strerror(-error));
    return STATUS_FAILED;
  }
  run->own_start = self.start_ticks;
  snprintf(run->session, sizeof run->session, "%d.%" PRIu64, (int)getpid(), self.start_ticks);
  run->launch.session = run->session;
  raise_descriptors(run);
  error = session_watch_new(self.start_ticks, add_to_tree, &run->tree, &run->watch);
  if (error) {
    complain("run", "cannot watch for segments: %s", strerror(-error));
    return STATUS_FAILED;
  }
  return prepare_preload(run);
}

/*
 * A loader that cannot load the shim says so on the program's stderr: it is not asked to. And a program of another
 * machine is none that a shell should try.
 */
static int prepare_preload(struct run *run) {
  char shim[PATH_MAX];
  struct fault fault;
  if (preload_find(shim, &fault) != 0) {
    complain("libration.so", "%s", fault.words);
    return STATUS_FAILED;
  }
  if (run->target.hindrance == HINDRANCE_FOREIGN) run->launch.path = run->target.command;
  if (run->target.hindrance == HINDRANCE_FOREIGN || run->target.hindrance == HINDRANCE_MUSL)
    return STATUS_DONE;
  run->preload = preload_join(shim, getenv("LD_PRELOAD"));
  run->launch.preload = run->preload;
  if (run->preload) return STATUS_DONE;
  complain("run", "not enough memory");
  return STATUS_FAILED;
}

/* A thousand children at once are a thousand pidfds; the program keeps the limit that it was given. */
static void raise_descriptors(struct run *run) {
  if (getrlimit(RLIMIT_NOFILE, &run->descriptors) != 0) return;
  struct rlimit raised = {.rlim_cur = run->descriptors.rlim_max, .rlim_max = run->descriptors.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) run->launch.descriptors = &run->descriptors;
}

static int start(struct run *run) {
  bool has_exec_failed = false;
  int error = child_start(&run->launch, &run->child, &has_exec_failed);
  if (error) return start_fault(error, has_exec_failed);
  run->tree.program_pid = (uint32_t)run->child.pid;
  run->tree.program_start = run->child.start_ticks;
  return STATUS_DONE;
}

static int start_fault(int error, bool has_exec_failed) {
  if (!has_exec_failed) {
    complain("run", "cannot start a process: %s", strerror(-error));
    return STATUS_FAILED;
  }
  if (error == -ENOENT) {
    complain(arguments[0], "not found; check the name and PATH");
    return STATUS_NOT_FOUND;
  }
  complain(arguments[0], "cannot be run: %s; check that it is an executable file", strerror(-error));
  return STATUS_NOT_RUN;
}

static int wait_for_end(struct run *run) {
  int error = 0;
  while (!run->child.has_ended && !error) {
    error = session_watch_until(run->watch, run->child.signals);
    child_take_signals(&run->child);
  }
  if (error) {
    complain("run", "cannot wait for %s: %s", arguments[0], strerror(-error));
    return STATUS_FAILED;
  }
  uint64_t ended_at = process_clock_ns();
  child_finish(&run->child);
  session_watch_finish(run->watch);
  if (run->tree.program) process_set_ended(run->tree.program, run->child.wait_status, ended_at);
  return child_exit_status(&run->child);
}

static void add_to_tree(const struct process *process, bool is_last_image, void *context) {
  tree_add(context, process, is_last_image);
}

static void view(struct emitter *emitter, const struct run *run) {
  if (!run->tree.program) explain_absence(emitter, run);
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

/* The program has no table: why, and what to do. */
static void explain_absence(struct emitter *emitter, const struct run *run) {
  char remark[512];
  const char *words = target_hindrance_words(run->target.hindrance);
  if (words) {
    snprintf(remark, sizeof remark, "%.255s: not tracked: it %s", run->target.path, words);
  } else {
    snprintf(
        remark, sizeof remark,
        "%.127s: left no segment; check that a folder for segments has room and can be written ($RATION_DIR, "
        "/dev/shm, $XDG_RUNTIME_DIR, $TMPDIR), that `only`, `not` and `follow` let it be tracked, and that "
        "it runs under glibc with LD_PRELOAD kept; `ration doctor` looks at some of this",
        arguments[0]);
  }
  emitter_remark(emitter, "remark", "ration: ", remark);
}
