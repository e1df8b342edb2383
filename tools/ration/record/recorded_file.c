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
#include "reader/monotonic.h"
#include "view/progress.h"
#include "view/units.h"

#define NAMES_MOST 1000 /* of files that are there already */

static int make_named(struct recorded_file *file, const char *program, uint32_t pid, struct fault *ret_fault);
static void make_plain(const char *program, char *ret_name, size_t room);
static void show_progress(size_t done, size_t all, void *context);
static void tell(const struct recorded_file *file, const struct recorder *recorder);

int recorded_file_make(struct recorded_file *file, const char *path, const char *program, uint32_t pid) {
  struct fault fault;
  if (path && strlen(path) >= sizeof file->path) {
    complain("--output", "a path of %zu bytes; it may have %zu", strlen(path), sizeof file->path - 1);
    return STATUS_USAGE;
  }
  file->began_at = monotonic_ns();
  recorded_file_ignore_signals(file);
  if (path) snprintf(file->path, sizeof file->path, "%s", path);
  int error = path ? recording_create(path, &file->writer, &fault) : make_named(file, program, pid, &fault);
  if (!error) return STATUS_DONE;
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
  file->naming_at = monotonic_ns();
  struct progress progress = {.is_on = false};
  if (!is_quiet) progress_begin(&progress, "naming call stacks", 0);
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
  recorded_file_say_losses(file, recorder);
  if (!is_quiet && !write_error) tell(file, recorder);
  return error || write_error ? STATUS_FAILED : STATUS_DONE;
}

bool recorded_file_say_losses(const struct recorded_file *file, const struct recorder *recorder) {
  const struct recorder_sums *sums = recorder_sums(recorder);
  if (sums->unreadable)
    complain(file->path, "%llu segments are missing or end early; of the last: %s",
             (unsigned long long)sums->unreadable, sums->fault.words);
  if (sums->missed)
    complain(file->path,
             "%llu %s that may belong to it could not be looked at before they ended; the last: %s",
             (unsigned long long)sums->missed, sums->missed == 1 ? "process" : "processes",
             strerror(-sums->missed_error));
  return sums->unreadable || sums->missed;
}

void recorded_file_discard(struct recorded_file *file) {
  struct stat stat;
  if (!file->writer) return;
  if (lstat(file->path, &stat) == 0 && S_ISREG(stat.st_mode)) unlink(file->path); /* while it is ours alone */
  recording_close(file->writer); /* whatever it says: there is nothing in it */
  file->writer = NULL;
}

/* The first name that is free. */
static int make_named(struct recorded_file *file, const char *program, uint32_t pid,
                      struct fault *ret_fault) {
  char name[128];
  make_plain(program, name, sizeof name);
  snprintf(file->path, sizeof file->path, "%s.%u.ration", name, pid);
  int error = recording_create_new(file->path, &file->writer, ret_fault);
  for (unsigned i = 2; error == -EEXIST && i < NAMES_MOST; i++) {
    snprintf(file->path, sizeof file->path, "%s.%u.%u.ration", name, pid, i);
    error = recording_create_new(file->path, &file->writer, ret_fault);
  }
  return error;
}

static void make_plain(const char *program, char *ret_name, size_t room) {
  size_t length = 0;
  for (const char *at = program; *at && length < room - 1; at++) {
    bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || strchr("0123456789_.+-", *at);
    ret_name[length++] = '_';
    if (is_plain) ret_name[length - 1] = *at;
  }
  ret_name[length] = 0;
  if (ret_name[0] == '.' || ret_name[0] == '-') ret_name[0] = '_';
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
