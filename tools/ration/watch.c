/*
 * watch.c: `ration watch PID --on CATEGORY:LEVEL`: acts on a program that comes under pressure, from outside.
 *
 * The budgets are read from its segment 50 times a second; nothing of it is written but by --trim. It stays in front,
 * and ends with the program, once the command that it began for it has ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "reader/category_named.h"
#include "reader/monotonic.h"
#include "reader/wanted.h"
#include "view/escape.h"
#include "view/pressure_words.h"
#include "watch/action.h"
#include "watch/trigger.h"

#define LOOK_EVERY_NS 20000000
#define TRIGGERS_MOST 16

/* One process that is watched. */
struct watching {
  struct process process;
  struct budget_rows rows;
  sigset_t signals; /* blocked, and waited for */
  bool has_ended;
  bool is_stopped; /* by a signal */
};

extern const struct argp watch_argp;
int watch_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t take_trigger(const char *text);
static error_t take_action(int key, const char *argument);
static error_t take_every(const char *text);
static error_t check_arguments(void);
static int open_watching(struct watching *watching, struct fault *ret_fault);
static int find_budgets(const struct watching *watching, struct fault *ret_fault);
static void block_signals(struct watching *watching);
static int watch(struct watching *watching, struct fault *ret_fault);
static int look(struct watching *watching, struct fault *ret_fault);
static int look_at(struct watching *watching, struct trigger *trigger, struct fault *ret_fault);
static void act(struct trigger *trigger, const struct budget_row *row);
static void wait_a_while(struct watching *watching);
static void finish_command(struct watching *watching);
static int status_of(int error);

#define ON_KEY     1001
#define EXEC_KEY   1002
#define SIGNAL_KEY 1003
#define TRIM_KEY   1004
#define EVERY_KEY  1005

static const struct argp_option options[] = {
    {"on", ON_KEY, "CATEGORY:LEVEL", 0, "act when its budget is at LEVEL or above; may be given again", 1},
    {"exec", EXEC_KEY, "CMD", 0, "run CMD by sh -c, one at a time", 2},
    {"signal", SIGNAL_KEY, "NAME", 0, "send a signal that the program catches or ignores", 2},
    {"trim", TRIM_KEY, NULL, 0, "have its allocator give back what it does not use", 2},
    {"every", EVERY_KEY, "TIME", 0, "act again so long after, while the level stands (10s)", 3},
    {0},
};
const struct argp watch_argp = {
    .options = options,
    .parser = parse,
    .args_doc = "PID --on CATEGORY:LEVEL",
    .doc = "Acts on a program that comes under pressure; without an action it "
           "says so. Ends with the program, and with a command that it has begun, or by "
           "SIGINT or SIGTERM."
           "\vLEVEL is low, medium, high or critical. CMD finds what there is to "
           "know in its environment: RATION_PID, "
           "RATION_CATEGORY, RATION_LEVEL, and in bytes RATION_USED, "
           "RATION_LIMIT, and RATION_WANTED, those that have "
           "to go for the level to fall. TIME is a number with ms, s, m or h."};

static const char *wanted; /* the pid */
static struct trigger triggers[TRIGGERS_MOST];
static size_t trigger_count;
static struct action action;
static uint64_t every_ns = TRIGGER_EVERY_NS;
static int write_error; /* the first, of a line that did not arrive: the program is watched all the same */

int watch_command(struct emitter *emitter) {
  (void)emitter; /* it writes a line each time, not a report at the end */
  struct fault fault = {"not enough memory"};
  struct watching *watching = calloc(1, sizeof *watching);
  int error = watching ? open_watching(watching, &fault) : -ENOMEM;
  if (!error) {
    error = watch(watching, &fault);
    budget_rows_close(&watching->rows);
  }
  if (error) complain(wanted, "%s", fault.words);
  if (write_error) complain("stdout", "cannot be written: %s", strerror(write_error));
  if (write_error) clearerr(stdout); /* it is said */
  free(watching);
  return error || !write_error ? status_of(error) : STATUS_MISSING;
}

static int status_of(int error) {
  if (!error) return STATUS_DONE;
  return error == -ERANGE ? STATUS_USAGE : STATUS_MISSING;
}

/* ---- arguments ------------------------------------------------------------------------------------------- */

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)state;
  switch (key) {
  case ON_KEY:
    return take_trigger(argument);
  case EXEC_KEY:
  case SIGNAL_KEY:
  case TRIM_KEY:
    return take_action(key, argument);
  case EVERY_KEY:
    return take_every(argument);
  case ARGP_KEY_ARG:
    if (wanted) return ARGP_ERR_UNKNOWN;
    wanted = argument;
    return 0;
  case ARGP_KEY_END:
    return check_arguments();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t take_trigger(const char *text) {
  struct fault fault;
  if (trigger_count == TRIGGERS_MOST) {
    complain("--on", "given too often; expected at most %d", TRIGGERS_MOST);
    return COMMAND_COMPLAINED;
  }
  if (trigger_read(text, &triggers[trigger_count], &fault) != 0) {
    complain("--on", "%s", fault.words);
    return COMMAND_COMPLAINED;
  }
  trigger_count++;
  return 0;
}

static error_t take_action(int key, const char *argument) {
  struct fault fault;
  if (action.kind != ACTION_SAY) {
    complain("watch", "more than one action; expected one of --exec, --signal, --trim");
    return COMMAND_COMPLAINED;
  }
  action.kind = key == EXEC_KEY ? ACTION_EXEC : key == SIGNAL_KEY ? ACTION_SIGNAL : ACTION_TRIM;
  action.command = argument;
  if (key != SIGNAL_KEY || action_read_signal(argument, &action.signal, &fault) == 0) return 0;
  complain("--signal", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t take_every(const char *text) {
  struct fault fault;
  if (duration_read(text, &every_ns, &fault) == 0) return 0;
  complain("--every", "%s", fault.words);
  return COMMAND_COMPLAINED;
}

static error_t check_arguments(void) {
  if (!wanted || trigger_count == 0) {
    complain("watch", "takes a pid and --on CATEGORY:LEVEL; see `ration help watch`");
  } else if (wanted[0] == 0 || wanted[strspn(wanted, "0123456789")] != 0) {
    complain(wanted, "no pid; `ration list` shows the running processes");
  } else {
    return 0;
  }
  return COMMAND_COMPLAINED;
}

/* ---- the process ----------------------------------------------------------------------------------------- */

static int open_watching(struct watching *watching, struct fault *ret_fault) {
  struct process *process = &watching->process;
  int error = wanted_read(wanted, process, ret_fault);
  if (error) return error;
  if (!process_is_alive(process)) {
    return fault_set(ret_fault, -ESRCH, "has ended; running processes can be watched, see `ration list`");
  }
  if (process->snapshot.passive) {
    return fault_set(ret_fault, -ENOTSUP, "is not tracked, so no budget holds it; `ration report` says why");
  }
  error = budget_rows_open(process->path, process->is_memfd, &watching->rows, ret_fault);
  if (error) return error;
  error = find_budgets(watching, ret_fault);
  if (!error) error = action_prepare(&action, process, ret_fault);
  if (error) budget_rows_close(&watching->rows);
  return error;
}

static int find_budgets(const struct watching *watching, struct fault *ret_fault) {
  for (size_t i = 0; i < trigger_count; i++) {
    struct trigger *trigger = &triggers[i];
    struct budget_row row;
    trigger->id = category_named(&watching->process.snapshot, trigger->category, strlen(trigger->category));
    if (!trigger->id) {
      return fault_set(ret_fault, -ERANGE, "no category `%.100s`; `ration report` names those that there are",
                       trigger->category);
    }
    int error = budget_rows_read(&watching->rows, trigger->id, &row);
    if (error) return fault_set(ret_fault, -EBADMSG, "its segment cannot be read: %s", strerror(-error));
    if (row.limit_bytes) continue;
    return fault_set(ret_fault, -ERANGE, "`%.100s` has no budget; give it one by `ration set`",
                     trigger->category);
  }
  return 0;
}

/* ---- watching -------------------------------------------------------------------------------------------- */

static int watch(struct watching *watching, struct fault *ret_fault) {
  block_signals(watching);
  int error = 0;
  while (!error && !watching->has_ended && !watching->is_stopped) {
    error = look(watching, ret_fault);
    if (!error && !watching->has_ended) wait_a_while(watching);
  }
  if (watching->has_ended) finish_command(watching);
  return error;
}

/* Blocked, they wait until they are looked for. One that the caller has switched off stays so. */
static void block_signals(struct watching *watching) {
  static const int ends[] = {SIGINT, SIGTERM};
  signal(SIGCHLD, SIG_DFL);
  signal(SIGPIPE, SIG_IGN); /* who reads the lines may go: the program is watched all the same */
  sigemptyset(&watching->signals);
  sigaddset(&watching->signals, SIGCHLD);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct sigaction old;
    if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaddset(&watching->signals, ends[i]);
  }
  sigprocmask(SIG_BLOCK, &watching->signals, NULL);
}

static void wait_a_while(struct watching *watching) {
  const struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
  int signal = sigtimedwait(&watching->signals, NULL, &pause);
  watching->is_stopped = signal == SIGINT || signal == SIGTERM;
}

/* A look at all of them. An error is one after which there is nothing to watch. */
static int look(struct watching *watching, struct fault *ret_fault) {
  const struct place_name *name = &watching->process.snapshot.name;
  struct fault fault;
  uint32_t state;
  if (action_take_end(&action, &fault) != 0) complain(wanted, "%s", fault.words);
  watching->has_ended = !process_is_there(name->pid, name->start_ticks);
  if (watching->has_ended) return 0;
  if (budget_rows_state(&watching->rows, &state) == 0 && state == RATION_STATE_REPLACED) {
    return fault_set(ret_fault, -ESRCH,
                     "has become another program by exec; watch that one, if it has budgets");
  }
  int error = 0;
  for (size_t i = 0; i < trigger_count && !error; i++) error = look_at(watching, &triggers[i], ret_fault);
  return error;
}

static int look_at(struct watching *watching, struct trigger *trigger, struct fault *ret_fault) {
  struct budget_row row;
  int error = budget_rows_read(&watching->rows, trigger->id, &row);
  if (error) return fault_set(ret_fault, error, "its segment cannot be read: %s", strerror(-error));
  trigger_see(trigger, row.level, row.level_since_at);
  if (action.runner == 0 && trigger_is_due(trigger, monotonic_ns(), every_ns)) act(trigger, &row);
  return 0;
}

/* What fails is said, and tried again when it is due again. */
static void act(struct trigger *trigger, const struct budget_row *row) {
  struct occasion occasion = {.category = trigger->category, .row = *row};
  struct fault fault;
  char words[ACTION_WORDS_BYTES], category[512];
  trigger_acted(trigger, monotonic_ns());
  int error = action_begin(&action, &occasion, words, &fault);
  if (error) {
    complain(wanted, "%s", fault.words);
    return;
  }
  escape(trigger->category, category, sizeof category);
  errno = 0;
  printf("%s: %s: %s of %s used, %s too much%s%s\n", category, pressure_words_level(row->level),
         units_bytes(row->used_bytes).chars, units_bytes(row->limit_bytes).chars,
         units_bytes(budget_row_wanted(row)).chars, words[0] ? ": " : "", words);
  bool is_written = fflush(stdout) == 0 && !ferror(stdout);
  if (!is_written && !write_error) write_error = errno ? errno : EIO;
}

/* It was begun for this program, and may have to clear up behind it. */
static void finish_command(struct watching *watching) {
  struct fault fault;
  while (action.runner && !watching->is_stopped) {
    if (action_take_end(&action, &fault) != 0) complain(wanted, "%s", fault.words);
    if (action.runner) wait_a_while(watching);
  }
}
