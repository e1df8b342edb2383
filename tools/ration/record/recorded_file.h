/*
 * recorded_file.h: the file of a recording: its name, its beginning, its end, and what is said of it then.
 */
#ifndef RATION_TOOL_RECORD_RECORDED_FILE_H
#define RATION_TOOL_RECORD_RECORDED_FILE_H

#include <limits.h>
#include <signal.h>

#include "record/recorder.h"

struct recorded_file {
  char path[PATH_MAX];
  struct recording_writer *writer; /* NULL: not open */
  uint64_t began_at;               /* CLOCK_MONOTONIC; as the next */
  uint64_t naming_at;              /* 0: has not begun */
  struct sigaction signals[2];     /* what SIGPIPE and SIGXFSZ did before */
};

/*
 * Makes it: `path`; NULL: PROGRAM.PID.ration in the working directory, and where that is there already, with a number.
 * Signals that a file may send the writer for (a limit, a reader that has gone) are ignored then. Returns 0 or an exit
 * status, with a complaint; so do the others.
 */
int recorded_file_make(struct recorded_file *file, const char *path, const char *program, uint32_t pid);

/* A program that is started inherits what is ignored: between the two, signals do what they did before. */
void recorded_file_heed_signals(const struct recorded_file *file);
void recorded_file_ignore_signals(struct recorded_file *file);

/* Whether one can be made in the working directory. */
int recorded_file_check_folder(void);

/* Finishes the recording and says what is in it, unless `is_quiet`. A file without anything in it is removed. */
int recorded_file_finish(struct recorded_file *file, struct recorder *recorder, bool is_quiet);

/* What of the tree is not in it, if anything; finishing says it, too. Returns whether there is. */
bool recorded_file_say_losses(const struct recorded_file *file, const struct recorder *recorder);

/* Closes and removes it, if it was made: nothing was recorded. */
void recorded_file_discard(struct recorded_file *file);

#endif
