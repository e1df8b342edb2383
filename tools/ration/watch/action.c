/*
 * action.c: commands, signals, and the control table.
 */
#include "watch/action.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader/procfs.h"
#include "view/pressure_words.h"
#include "writer/control.h"

static int run_command(struct action *action, const struct occasion *occasion,
                       char ret_words[ACTION_WORDS_BYTES], struct fault *ret_fault);
static int set_environment(const struct action *action, const struct occasion *occasion);
static int spawn(struct action *action);
static int check_signal(const struct action *action, struct fault *ret_fault);
static int send_signal(const struct action *action, char ret_words[ACTION_WORDS_BYTES],
                       struct fault *ret_fault);
static int trim(const struct action *action, char ret_words[ACTION_WORDS_BYTES], struct fault *ret_fault);

int action_read_signal(const char *name, int *ret_signal, struct fault *ret_fault) {
  const char *bare = strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
  for (int signal = 1; signal < SIGRTMIN; signal++) {
    const char *known = sigabbrev_np(signal);
    if (!known || strcmp(known, bare) != 0) continue;
    *ret_signal = signal;
    return 0;
  }
  return fault_set(ret_fault, -EINVAL, "`%.100s` is no signal; expected a name such as USR1", name);
}

int action_prepare(struct action *action, const struct process *process, struct fault *ret_fault) {
  const struct place_name *name = &process->snapshot.name;
  action->process = process;
  action->pidfd = -1;
  if (action->kind != ACTION_SIGNAL) return 0;
  action->pidfd = (int)syscall(SYS_pidfd_open, name->pid, 0); /* without one, by its number: older kernels */
  if (!process_is_there(name->pid, name->start_ticks)) return fault_set(ret_fault, -ESRCH, "has ended");
  return check_signal(action, ret_fault);
}

int action_begin(struct action *action, const struct occasion *occasion, char ret_words[ACTION_WORDS_BYTES],
                 struct fault *ret_fault) {
  ret_words[0] = 0;
  switch (action->kind) {
  case ACTION_EXEC:
    return run_command(action, occasion, ret_words, ret_fault);
  case ACTION_SIGNAL:
    return send_signal(action, ret_words, ret_fault);
  case ACTION_TRIM:
    return trim(action, ret_words, ret_fault);
  case ACTION_SAY:
    break;
  }
  return 0;
}

/* ---- commands -------------------------------------------------------------------------------------------- */

static int run_command(struct action *action, const struct occasion *occasion,
                       char ret_words[ACTION_WORDS_BYTES], struct fault *ret_fault) {
  int error = set_environment(action, occasion);
  if (!error) error = spawn(action);
  if (error) return fault_set(ret_fault, error, "--exec cannot be run: %s", strerror(-error));
  snprintf(ret_words, ACTION_WORDS_BYTES, "command begun");
  return 0;
}

static int set_environment(const struct action *action, const struct occasion *occasion) {
  const struct budget_row *row = &occasion->row;
  char pid[24], used[24], limit[24], wanted[24];
  snprintf(pid, sizeof pid, "%" PRIu32, action->process->snapshot.name.pid);
  snprintf(used, sizeof used, "%" PRIu64, row->used_bytes);
  snprintf(limit, sizeof limit, "%" PRIu64, row->limit_bytes);
  snprintf(wanted, sizeof wanted, "%" PRIu64, budget_row_wanted(row));
  const struct {
    const char *name, *value;
  } variables[] = {{"RATION_PID", pid},
                   {"RATION_CATEGORY", occasion->category},
                   {"RATION_LEVEL", pressure_words_level(row->level)},
                   {"RATION_USED", used},
                   {"RATION_LIMIT", limit},
                   {"RATION_WANTED", wanted}};
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    if (setenv(variables[i].name, variables[i].value, 1) != 0) return -errno;
  }
  return 0;
}

/* What this process blocks and ignores for itself is none of the command's business, nor is its stdin. */
static int spawn(struct action *action) {
  char shell[] = "sh", option[] = "-c", *command = strdup(action->command);
  char *const arguments[] = {shell, option, command, NULL};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  sigset_t none, ignored;
  sigemptyset(&none);
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGPIPE);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &ignored);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!command) error = ENOMEM;
  if (!error) error = posix_spawn(&action->runner, "/bin/sh", &files, &attributes, arguments, environ);
  if (error) action->runner = 0;
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  free(command);
  return -error;
}

int action_take_end(struct action *action, struct fault *ret_fault) {
  int status;
  if (action->runner == 0 || waitpid(action->runner, &status, WNOHANG) != action->runner) return 0;
  action->runner = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  if (WIFEXITED(status)) {
    return fault_set(ret_fault, -ECHILD, "--exec has failed: `%.100s` left status %d", action->command,
                     WEXITSTATUS(status));
  }
  return fault_set(ret_fault, -ECHILD, "--exec has failed: `%.100s` was ended by signal %d", action->command,
                   WTERMSIG(status));
}

/* ---- signals --------------------------------------------------------------------------------------------- */

/* Most signals end a program that does not know them. */
static int check_signal(const struct action *action, struct fault *ret_fault) {
  struct proc_signals signals;
  int error = procfs_signals(action->process->snapshot.name.pid, &signals);
  if (error) return fault_set(ret_fault, error, "its signals cannot be read: %s", strerror(-error));
  uint64_t bit = UINT64_C(1) << (action->signal - 1);
  if ((signals.caught | signals.ignored) & bit) return 0;
  return fault_set(
      ret_fault, -EPERM,
      "neither catches nor ignores SIG%s, which would not be taken as a hint; name a signal that it "
      "handles",
      sigabbrev_np(action->signal));
}

static int send_signal(const struct action *action, char ret_words[ACTION_WORDS_BYTES],
                       struct fault *ret_fault) {
  const struct place_name *name = &action->process->snapshot.name;
  int error = check_signal(action, ret_fault);
  if (error) return error;
  int result = action->pidfd >= 0
                   ? (int)syscall(SYS_pidfd_send_signal, action->pidfd, action->signal, NULL, 0)
                   : kill((pid_t)name->pid, action->signal);
  if (result != 0) {
    return fault_set(ret_fault, -errno, "SIG%s cannot be sent: %s", sigabbrev_np(action->signal),
                     strerror(errno));
  }
  snprintf(ret_words, ACTION_WORDS_BYTES, "SIG%s sent", sigabbrev_np(action->signal));
  return 0;
}

/* ---- trimming -------------------------------------------------------------------------------------------- */

static int trim(const struct action *action, char ret_words[ACTION_WORDS_BYTES], struct fault *ret_fault) {
  struct control_answer answer;
  int error = control_ask(action->process, "trim=1", &answer, ret_fault);
  if (error) return error;
  if (answer.result == CONTROL_REFUSED) {
    return fault_set(ret_fault, -EPERM, "--trim is refused: %.200s", answer.why);
  }
  bool is_taken = answer.result == CONTROL_TAKEN;
  snprintf(ret_words, ACTION_WORDS_BYTES, "%s",
           is_taken ? "trimmed" : "trim pending: too few allocations since");
  return 0;
}
