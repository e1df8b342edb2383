/*
 * pager.c: a child at the end of a pipe. Its command is words, or, where there is anything for a shell in it, a shell's.
 */
#include "view/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MOST 32

/* Of `less`: leave at once what fits, show colours, and leave the text there. */
#define LESS_OPTIONS "FRX"

static int start(const char *command, pid_t *ret_pid, int *ret_input);
static void become(const char *command, int input, int answer);
static bool is_for_a_shell(const char *command);
static void run_words(const char *command);
static int await_start(pid_t pid, int answer);
static int wait_for(pid_t pid);

const char *pager_command(void) {
  const char *command = getenv("RATION_PAGER");
  if (!command) command = getenv("PAGER");
  if (!command) command = "less";
  return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

bool pager_show(const char *command, struct emitter *emitter, int *ret_error) {
  pid_t pid = -1;
  int input = -1;
  if (start(command, &pid, &input) != 0) return false;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN); /* it is the pager's, which outlives nobody then */
  signal(SIGQUIT, SIG_IGN);
  int error = 0;
  FILE *to = fdopen(input, "w");
  if (to) {
    error = emitter_finish(emitter, to);
    fclose(to);
  } else {
    close(input);
  }
  int status = wait_for(pid);
  bool is_missing = is_for_a_shell(command) && (status == 126 || status == 127); /* as a shell says it */
  *ret_error = error == -EPIPE ? 0 : error;
  return to && !is_missing;
}

static int start(const char *command, pid_t *ret_pid, int *ret_input) {
  int input[2], answer[2];
  if (pipe2(input, O_CLOEXEC) != 0) return -errno;
  if (pipe2(answer, O_CLOEXEC) != 0) {
    close(input[0]);
    close(input[1]);
    return -ENFILE;
  }
  pid_t pid = fork();
  int error = pid < 0 ? -errno : 0;
  if (pid == 0) become(command, input[0], answer[1]);
  close(input[0]);
  close(answer[1]);
  if (!error) error = await_start(pid, answer[0]);
  close(answer[0]);
  if (error) close(input[1]);
  *ret_pid = pid;
  *ret_input = input[1];
  return error;
}

/* In the child. What goes wrong is told by `answer`, which exec closes. */
static void become(const char *command, int input, int answer) {
  signal(SIGPIPE, SIG_DFL);
  if (dup2(input, STDIN_FILENO) == STDIN_FILENO) {
    setenv("LESS", LESS_OPTIONS, 0);
    setenv("LV", "-c", 0); /* the same of another pager */
    if (is_for_a_shell(command)) {
      execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    } else {
      run_words(command);
    }
  }
  int error = errno ? errno : EINVAL;
  ssize_t written = write(answer, &error, sizeof error);
  _exit(written == sizeof error ? 127 : 126);
}

static bool is_for_a_shell(const char *command) {
  return strpbrk(command, "|&;<>()$`\\\"'*?[#~=%\t\n") != NULL;
}

static void run_words(const char *command) {
  char *copy = strdup(command), *rest = copy;
  char *words[WORDS_MOST + 1] = {NULL};
  size_t count = 0;
  errno = E2BIG;
  while (copy && count < WORDS_MOST && (words[count] = strtok_r(rest, " ", &rest))) count++;
  if (count > 0 && count < WORDS_MOST) execvp(words[0], words);
}

static int await_start(pid_t pid, int answer) {
  int error = 0;
  ssize_t size;
  do {
    size = read(answer, &error, sizeof error);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof error) return 0;
  wait_for(pid);
  return -error;
}

/* Its exit status; -1: a signal has ended it. */
static int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
