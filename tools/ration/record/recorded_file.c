/*
 * recorded_file.c: one file, and the lines on stderr about it.
 */
#include "record/recorded_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "launch/taking.h"
#include "view/units.h"

#define SECOND_NS  UINT64_C(1000000000)
#define NAMES_MOST 1000 /* of files that are there already */

static void choose_name(struct recorded_file *file, const char *program, uint32_t pid);
static void ignore_signals_of_files(void);
static void show_progress(size_t done, size_t all, void *context);
static void tell(const struct recorded_file *file, const struct recorder *recorder);

int recorded_file_make(struct recorded_file *file, const char *path, const char *program, uint32_t pid) {
  struct fault fault;
  if (path && strlen(path) >= sizeof file->path) {
    complain("--output", "a path of %zu bytes; it may have %zu", strlen(path), sizeof file->path - 1);
    return STATUS_USAGE;
  }
  if (path) {
    snprintf(file->path, sizeof file->path, "%s", path);
  } else {
    choose_name(file, program, pid);
  }
  file->began_at = taking_clock_ns();
  ignore_signals_of_files();
  if (recording_create(file->path, &file->writer, &fault) == 0) return STATUS_DONE;
  complain(file->path, "%s", fault.words);
  return STATUS_FAILED;
}

int recorded_file_check_folder(void) {
  if (access(".", W_OK) == 0) return STATUS_DONE;
  complain("working directory", "no file can be made there: %s; name one elsewhere with --output",
           strerror(errno));
  return STATUS_FAILED;
}

int recorded_file_finish(struct recorded_file *file, struct recorder *recorder, bool is_quiet) {
  if (!file->writer) return STATUS_FAILED;
  const struct recorder_sums *sums = recorder_sums(recorder);
  file->naming_at = taking_clock_ns();
  int error = recorder_finish(recorder, show_progress, file);
  if (file->told_at) fputs("\r\033[K", stderr);
  if (error) complain(file->path, "not all functions are named: not enough memory");
  int write_error = recording_close(file->writer);
  file->writer = NULL;
  if (write_error && !recorder_error(recorder))
    complain(file->path, "cannot be written to its end: %s", strerror(-write_error));
  if (sums->unreadable)
    complain(file->path, "%llu segments are missing, the last since it is %s",
             (unsigned long long)sums->unreadable, sums->fault.words);
  if (!is_quiet && !write_error) tell(file, recorder);
  return error || write_error ? STATUS_FAILED : STATUS_DONE;
}

void recorded_file_discard(struct recorded_file *file) {
  struct stat stat;
  if (!file->writer) return;
  recording_close(file->writer); /* whatever it says: there is nothing in it */
  file->writer = NULL;
  if (lstat(file->path, &stat) == 0 && S_ISREG(stat.st_mode)) unlink(file->path);
}

static void choose_name(struct recorded_file *file, const char *program, uint32_t pid) {
  char name[128];
  size_t length = 0;
  for (const char *at = program; *at && length < sizeof name - 1; at++) {
    bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || strchr("0123456789_.+-", *at);
    name[length++] = is_plain ? *at : '_';
  }
  name[length] = 0;
  if (name[0] == '.' || name[0] == '-') name[0] = '_';
  snprintf(file->path, sizeof file->path, "%s.%u.ration", name, pid);
  for (unsigned i = 2; access(file->path, F_OK) == 0 && i < NAMES_MOST; i++)
    snprintf(file->path, sizeof file->path, "%s.%u.%u.ration", name, pid, i);
}

/* Writing says so, too. A program that was started has its own by now. */
static void ignore_signals_of_files(void) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

/* On a terminal, of what takes over a second, ten times a second. */
static void show_progress(size_t done, size_t all, void *context) {
  struct recorded_file *file = context;
  uint64_t now = taking_clock_ns();
  if (now - file->naming_at < SECOND_NS || now - file->told_at < SECOND_NS / 10 || !isatty(STDERR_FILENO))
    return;
  file->told_at = now;
  fprintf(stderr, "\rration: finding out what %zu addresses are: %zu %%", all, all ? done * 100 / all : 100);
  fflush(stderr);
}

static void tell(const struct recorded_file *file, const struct recorder *recorder) {
  const struct recorder_sums *sums = recorder_sums(recorder);
  struct stat stat;
  uint64_t bytes = lstat(file->path, &stat) == 0 ? (uint64_t)stat.st_size : 0;
  double seconds = (double)(file->naming_at - file->began_at) / 1e9;
  complain(file->path, "%s of %s %s recorded, %s", units_seconds(seconds).chars,
           units_count(sums->processes).chars, sums->processes == 1 ? "process" : "processes",
           units_bytes(bytes).chars);
}
