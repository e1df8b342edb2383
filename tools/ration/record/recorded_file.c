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
#include "view/progress.h"
#include "view/units.h"

#define NAMES_MOST 1000 /* of files that are there already */

static void choose_name(struct recorded_file *file, const char *program, uint32_t pid);
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
  recorded_file_ignore_signals(file);
  if (recording_create(file->path, &file->writer, &fault) == 0) return STATUS_DONE;
  complain(file->path, "%s", fault.words);
  return STATUS_FAILED;
}

void recorded_file_heed_signals(const struct recorded_file *file) {
  if (!file->writer) return; /* none was ignored */
  sigaction(SIGPIPE, &file->signals[0], NULL);
  sigaction(SIGXFSZ, &file->signals[1], NULL);
}

/* Writing says so, too. */
void recorded_file_ignore_signals(struct recorded_file *file) {
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, &file->signals[0]);
  sigaction(SIGXFSZ, &ignore, &file->signals[1]);
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
  struct progress progress;
  progress_begin(&progress, "naming call stacks", 0);
  int error = recorder_finish(recorder, show_progress, &progress);
  progress_end(&progress);
  if (error) complain(file->path, "not all functions are named: not enough memory");
  int write_error = recording_close(file->writer);
  file->writer = NULL;
  if (write_error && !recorder_error(recorder))
    complain(file->path, "cannot be written to its end: %s", strerror(-write_error));
  if (sums->unnamed)
    complain(file->path,
             "functions of %llu programs are not in it; they are found by the files when it is shown",
             (unsigned long long)sums->unnamed);
  if (sums->unreadable)
    complain(file->path, "%llu segments are missing or end early; of the last: %s",
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
    name[length++] = '_';
    if (is_plain) name[length - 1] = *at;
  }
  name[length] = 0;
  if (name[0] == '.' || name[0] == '-') name[0] = '_';
  snprintf(file->path, sizeof file->path, "%s.%u.ration", name, pid);
  for (unsigned i = 2; access(file->path, F_OK) == 0 && i < NAMES_MOST; i++)
    snprintf(file->path, sizeof file->path, "%s.%u.%u.ration", name, pid, i);
}

static void show_progress(size_t done, size_t all, void *context) {
  progress_step_of(context, done, all);
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
