/*
 * child.c: fork and exec, with every signal held in between, so that none is lost or meets a half-made state.
 */
#include "launch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader/procfs.h"

/* Passed on where a process sent them; what the terminal sends, the child gets by itself. */
static const int passed_on[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT, SIGALRM, SIGWINCH};

/* What the caller gave us, and the child is to get. */
struct inherited {
  sigset_t mask;
  struct sigaction interrupt, quit, child;
};

static void hold_signals(struct inherited *ret_inherited);
static void let_signals_go(const struct inherited *inherited);
static sigset_t taken_signals(void);
static int open_signals(void);
static void exec_child(const struct launch *launch, const struct inherited *inherited, int report)
    __attribute__((noreturn));
static int wait_for_exec(struct child *child, int report, bool *ret_exec_failed);

int child_start(const struct launch *launch, struct child *ret_child, bool *ret_exec_failed) {
  struct inherited inherited;
  struct child child = {.pid = -1};
  int report[2]; /* closed by a successful exec, else carries its errno */
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  hold_signals(&inherited);
  child.signals = open_signals();
  int error = child.signals < 0 ? child.signals : 0;
  if (!error) {
    child.pid = fork();
    if (child.pid == 0) exec_child(launch, &inherited, report[1]);
    if (child.pid < 0) error = -errno;
  }
  close(report[1]);
  struct proc_stat stat;
  if (!error && (error = procfs_stat((uint32_t)child.pid, &stat)) == 0) child.start_ticks = stat.start_ticks;
  if (child.pid > 0) error = wait_for_exec(&child, report[0], ret_exec_failed);
  close(report[0]);
  let_signals_go(&inherited);
  if (!error) *ret_child = child;
  return error;
}

void child_take_signals(struct child *child) {
  struct signalfd_siginfo info;
  while (read(child->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    bool is_sent = info.ssi_code <= 0; /* by a process, not by the kernel */
    if (info.ssi_signo != SIGCHLD && is_sent) kill(child->pid, (int)info.ssi_signo);
  }
  int wait_status;
  if (waitpid(child->pid, &wait_status, WNOHANG) != child->pid) return;
  child->has_ended = true;
  child->wait_status = wait_status;
}

void child_finish(struct child *child) {
  sigset_t taken = taken_signals();
  struct signalfd_siginfo info;
  while (read(child->signals, &info, sizeof info) == (ssize_t)sizeof info)
    continue; /* they were the child's */
  close(child->signals);
  sigprocmask(SIG_UNBLOCK, &taken, NULL);
}

int child_exit_status(const struct child *child) {
  return WIFSIGNALED(child->wait_status) ? 128 + WTERMSIG(child->wait_status)
                                         : WEXITSTATUS(child->wait_status);
}

static void hold_signals(struct inherited *ret_inherited) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &ret_inherited->mask);
  const struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
  sigaction(SIGINT, &ignore, &ret_inherited->interrupt);
  sigaction(SIGQUIT, &ignore, &ret_inherited->quit);
  sigaction(SIGCHLD, &standard, &ret_inherited->child); /* ignored, it would leave no status */
}

/* All but those that come by the descriptor; in one step, or one that waits already would be lost. */
static void let_signals_go(const struct inherited *inherited) {
  sigset_t taken = taken_signals(), mask;
  sigorset(&mask, &inherited->mask, &taken);
  sigprocmask(SIG_SETMASK, &mask, NULL);
}

static sigset_t taken_signals(void) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) sigaddset(&taken, passed_on[i]);
  return taken;
}

static int open_signals(void) {
  sigset_t taken = taken_signals();
  int descriptor = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

static void exec_child(const struct launch *launch, const struct inherited *inherited, int report) {
  bool is_set = (!launch->preload || setenv("LD_PRELOAD", launch->preload, 1) == 0) &&
                (!launch->options || setenv("RATION_OPTIONS", launch->options, 1) == 0) &&
                (!launch->session || setenv("RATION_SESSION", launch->session, 1) == 0);
  if (launch->descriptors) setrlimit(RLIMIT_NOFILE, launch->descriptors);
  sigaction(SIGINT, &inherited->interrupt, NULL);
  sigaction(SIGQUIT, &inherited->quit, NULL);
  sigaction(SIGCHLD, &inherited->child, NULL);
  sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
  if (is_set && launch->path) execv(launch->path, launch->arguments);
  if (is_set && !launch->path) execvp(launch->arguments[0], launch->arguments);
  int error = errno;
  ssize_t written = write(report, &error, sizeof error);
  _exit(written == (ssize_t)sizeof error ? 127 : 126);
}

static int wait_for_exec(struct child *child, int report, bool *ret_exec_failed) {
  int error = 0;
  ssize_t got;
  while ((got = read(report, &error, sizeof error)) < 0 && errno == EINTR) continue;
  if (got != (ssize_t)sizeof error) return 0;
  waitpid(child->pid, NULL, 0);
  *ret_exec_failed = true;
  return -error;
}
