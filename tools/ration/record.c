/*
 * record.c: `ration record -- CMD ARGS` and `ration record PID`: what a process tree does with its memory, moment by
 * moment, in one file.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "config/duration.h"
#include "launch/request.h"
#include "launch/start.h"
#include "reader/newest.h"
#include "record/recorded_file.h"

#define SECOND_NS      UINT64_C(1000000000)
#define INTERVAL_LEAST (SECOND_NS / 100)
#define INTERVAL_MOST  (SECOND_NS * 3600)

/* What ends the recording of a process that runs: its end, or a signal to us. */
struct stop {
  int either; /* epoll: readable when there is one */
  int signals;
  int process;
};

extern const struct argp record_argp;
int record_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static error_t parse_file(const char *path);
static error_t parse_interval(const char *text);
static error_t parse_symbols(const char *word);
static error_t parse_pid(const char *text);
static error_t check_request(void);
static int record_program(void);
static int start_and_wait(struct start *start, struct recorder *recorder, struct recorded_file *file);
static int finish(const struct start *start, struct recorder *recorder, struct recorded_file *file);
static void explain_absence(const struct start *start);
static int record_process(void);
static int attach(const char *pid, const struct process *process);
static int follow(const char *pid, const struct process *process, struct recorder *recorder);
static int open_stop(const struct process *process, struct stop *ret_stop);
static void close_stop(struct stop *stop);

/* Keys of options without a letter. */
enum { INTERVAL_KEY = 0x100, SYMBOLS_KEY, LARGEST_KEY };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "record into FILE; one that is there is overwritten (PROGRAM.PID.ration)", 1},
    {"quiet", 'q', NULL, 0, "show nothing at the end", 1},
    {"interval", INTERVAL_KEY, "TIME", 0, "look so often: 10ms to 1h (100ms)", 1},
    {"symbols", SYMBOLS_KEY, "end|later", 0,
     "find out functions, files and lines at the end of the recording, or later, when it is shown (end)", 1},
    {"largest", LARGEST_KEY, NULL, 0, "record in every moment the five largest live blocks, of those sampled",
     1},
    {0},
};
static const struct argp_child children[] = {{.argp = &request_argp}, {0}};
const struct argp record_argp = {
    .options = options, .parser = parse, .args_doc = "[--] CMD [ARG...]\nPID", .children = children};

static bool is_quiet;
static const char *output; /* NULL: by the program's name */
static uint32_t wanted_pid;
static struct recorder_wishes wishes = {.interval_ns = SECOND_NS / 10, .wants_symbols = true};

int record_command(struct emitter *emitter) {
  (void)emitter;
  return wanted_pid ? record_process() : record_program();
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  switch (key) {
  case 'o':
    return parse_file(argument);
  case 'q':
    is_quiet = true;
    return 0;
  case INTERVAL_KEY:
    return parse_interval(argument);
  case SYMBOLS_KEY:
    return parse_symbols(argument);
  case LARGEST_KEY:
    wishes.wants_largest = true;
    return 0;
  case ARGP_KEY_ARG:
    if (state->quoted || argument[strspn(argument, "0123456789")] != 0) return ARGP_ERR_UNKNOWN;
    if (state->next == state->argc) return parse_pid(argument);
    complain(argument, "one pid, and nothing behind it, expected; a command of that name stands behind `--`");
    return COMMAND_COMPLAINED;
  case ARGP_KEY_END:
    return check_request();
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse_file(const char *path) {
  if (strcmp(path, "-") != 0 && *path) {
    output = path;
    return 0;
  }
  complain("--output", "`%s`: a file expected; stdout is the program's", path);
  return COMMAND_COMPLAINED;
}

static error_t parse_interval(const char *text) {
  struct fault fault;
  uint64_t ns;
  if (duration_read(text, &ns, &fault) != 0 || ns < INTERVAL_LEAST || ns > INTERVAL_MOST) {
    complain("--interval", "`%s`: expected a time from 10ms to 1h, like 500ms", text);
    return COMMAND_COMPLAINED;
  }
  wishes.interval_ns = ns;
  return 0;
}

static error_t parse_symbols(const char *word) {
  bool is_end = strcmp(word, "end") == 0;
  if (!is_end && strcmp(word, "later") != 0) {
    complain("--symbols", "`%s`: expected `end` or `later`", word);
    return COMMAND_COMPLAINED;
  }
  wishes.wants_symbols = is_end;
  return 0;
}

static error_t parse_pid(const char *text) {
  uint64_t pid;
  if (text_read_decimal(text, &pid) == 0 || pid == 0 || pid > INT32_MAX) {
    complain(text, "no pid; pids are 1 to %d", INT32_MAX);
    return COMMAND_COMPLAINED;
  }
  wanted_pid = (uint32_t)pid;
  return 0;
}

static error_t check_request(void) {
  if (!requested.arguments && !wanted_pid) {
    complain("record", "no command and no pid to record; see `ration help record`");
    return COMMAND_COMPLAINED;
  }
  if (wanted_pid && (requested.config || requested.settings)) {
    complain(requested.config ? "--config" : "--set",
             "only for a program that is started here; `ration set` changes settings of one that runs");
    return COMMAND_COMPLAINED;
  }
  return 0;
}

/* ---- a program ------------------------------------------------------------------------------------------ */

/* Returns the exit status, as all below that return a status. */
static int record_program(void) {
  struct start start = {.who = "record"};
  struct recorded_file file = {.writer = NULL};
  int status = start_prepare(&start, NULL, NULL);
  struct kin kin = {.session_pid = (uint32_t)getpid(), .session_start = start.own_start};
  struct recorder *recorder = status ? NULL : recorder_new(&wishes, &kin);
  if (!status && !recorder) {
    complain("record", "not enough memory");
    status = STATUS_FAILED;
  }
  if (!status) status = output ? recorded_file_make(&file, output, NULL, 0) : recorded_file_check_folder();
  recorded_file_heed_signals(&file);
  if (!status) status = start_begin(&start);
  if (!status) status = start_and_wait(&start, recorder, &file);
  recorded_file_discard(&file);
  start_free(&start);
  recorder_free(recorder);
  return status;
}

/* It runs by now: what goes wrong with the recording does it no harm, and shows in the status where it has none. */
static int start_and_wait(struct start *start, struct recorder *recorder, struct recorded_file *file) {
  const struct child *child = &start->child;
  const char *command = start->launch.arguments[0], *slash = strrchr(command, '/');
  recorded_file_ignore_signals(file);
  if (!output) recorded_file_make(file, NULL, slash ? slash + 1 : command, (uint32_t)child->pid);
  recorder_set_writer(recorder, file->writer, file->path);
  recorder_set_program(recorder, (uint32_t)child->pid, child->start_ticks);
  session_watch_follow(start->watch, recorder_follower(recorder, false));
  int status = start_wait(start);
  if (start->ended_at) recorder_set_ended(recorder, child->wait_status, start->ended_at);
  int failure = finish(start, recorder, file);
  return status ? status : failure;
}

/*
 * Where there is nothing to record nothing has failed; where there is no file, or none that can be written, or what there
 * is could not be read, it has.
 */
static int finish(const struct start *start, struct recorder *recorder, struct recorded_file *file) {
  if (recorder_sums(recorder)->images > 0) return recorded_file_finish(file, recorder, is_quiet);
  bool has_losses = recorded_file_say_losses(file, recorder);
  if (has_losses || !file->writer || recorder_error(recorder)) return STATUS_FAILED;
  explain_absence(start);
  return STATUS_DONE;
}

static void explain_absence(const struct start *start) {
  char remark[START_REMARK_BYTES];
  start_explain_absence(start, remark);
  complain("nothing recorded", "%s", remark);
}

/* ---- a process that runs -------------------------------------------------------------------------------- */

static int record_process(void) {
  char pid[16];
  struct fault fault;
  snprintf(pid, sizeof pid, "%u", wanted_pid);
  struct process *process = malloc(sizeof *process);
  int error = process ? newest_of_pid(wanted_pid, process, &fault)
                      : fault_set(&fault, -ENOMEM, "not enough memory to record it");
  if (!error && !process_is_alive(process))
    error = fault_set(&fault, -ESRCH, "has ended; `ration report` shows what it has left, if anything");
  if (error) complain(pid, "%s", fault.words);
  int status = error || !process ? STATUS_MISSING : attach(pid, process);
  free(process);
  return status;
}

static int attach(const char *pid, const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  struct kin kin = {.session_pid = snapshot->session_pid,
                    .session_start = snapshot->session_start,
                    .root_pid = snapshot->name.pid,
                    .root_start = snapshot->name.start_ticks};
  struct recorder *recorder = recorder_new(&wishes, &kin);
  struct recorded_file file = {.writer = NULL};
  if (!recorder) {
    complain(pid, "not enough memory to record it");
    return STATUS_MISSING;
  }
  int status = recorded_file_make(&file, output, snapshot->program, wanted_pid);
  if (!status) {
    recorder_set_writer(recorder, file.writer, file.path);
    status = follow(pid, process, recorder);
  }
  if (!status && recorder_sums(recorder)->images == 0) {
    bool has_losses = recorded_file_say_losses(&file, recorder);
    if (!has_losses && !recorder_error(recorder))
      complain(pid, "has ended before anything could be recorded");
    status = STATUS_MISSING;
  }
  if (!status) status = recorded_file_finish(&file, recorder, is_quiet);
  recorded_file_discard(&file);
  recorder_free(recorder);
  return status == STATUS_FAILED ? STATUS_MISSING : status; /* nothing was started that could have failed */
}

/* Until it ends, somebody has had enough, or the file cannot be written. */
static int follow(const char *pid, const struct process *process, struct recorder *recorder) {
  struct session_watch *watch = NULL;
  struct stop stop;
  int error = open_stop(process, &stop);
  if (!error) {
    start_raise_descriptors();
    error = session_watch_new(process->snapshot.name.start_ticks, NULL, NULL, &watch);
    if (!error) session_watch_follow(watch, recorder_follower(recorder, true));
    if (!error) error = session_watch_until(watch, stop.either);
    if (!error) session_watch_finish(watch);
    close_stop(&stop);
  }
  if (watch) session_watch_free(watch);
  if (error) complain(pid, "cannot be followed: %s", strerror(-error));
  return error ? STATUS_MISSING : STATUS_DONE;
}

/* SIGHUP counts unless whoever started this process has it ignored, as nohup(1) does. */
static void choose_signals(sigset_t *ret_signals) {
  struct sigaction action;
  sigemptyset(ret_signals);
  sigaddset(ret_signals, SIGINT);
  sigaddset(ret_signals, SIGTERM);
  bool is_ignored = sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
  if (!is_ignored) sigaddset(ret_signals, SIGHUP);
}

/* Returns 0 or -errno. */
static int open_stop(const struct process *process, struct stop *ret_stop) {
  sigset_t signals;
  choose_signals(&signals);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  struct stop stop = {.either = epoll_create1(EPOLL_CLOEXEC),
                      .signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
                      .process = (int)syscall(SYS_pidfd_open, process->snapshot.name.pid, 0)};
  struct epoll_event wanted = {.events = EPOLLIN};
  bool is_open = stop.either >= 0 && stop.signals >= 0 && stop.process >= 0 &&
                 epoll_ctl(stop.either, EPOLL_CTL_ADD, stop.signals, &wanted) == 0 &&
                 epoll_ctl(stop.either, EPOLL_CTL_ADD, stop.process, &wanted) == 0;
  int error = is_open ? 0 : -errno;
  if (is_open) {
    *ret_stop = stop;
  } else {
    close_stop(&stop);
  }
  return error;
}

/* What came has been heeded; the next signal ends this process, as any other. */
static void close_stop(struct stop *stop) {
  struct signalfd_siginfo info;
  sigset_t signals;
  while (stop->signals >= 0 && read(stop->signals, &info, sizeof info) > 0) continue;
  if (stop->either >= 0) close(stop->either);
  if (stop->signals >= 0) close(stop->signals);
  if (stop->process >= 0) close(stop->process);
  choose_signals(&signals);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
}
