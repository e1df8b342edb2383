/*
 * choice.h: what may stand in the place of an argument, by the word that help has for it.
 *
 * There are no lists for completion beside help: `PID|FILE` is completed to tracked processes and files, `live|total` to
 * these words, and a word in capitals that says nothing to a shell, such as TIME, to nothing.
 */
#ifndef RATION_TOOL_COMPLETION_CHOICE_H
#define RATION_TOOL_COMPLETION_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#define CHOICE_WORDS_BYTES 256

struct choice {
  bool has_pids;                  /* PID: of tracked processes */
  bool has_sessions;              /* ID: those of tracked processes */
  bool has_files;                 /* FILE, CONFIG, BINARY */
  bool has_folders;               /* DIR */
  bool has_commands;              /* COMMAND: of ration */
  bool has_programs;              /* CMD: whatever may be run, and its arguments behind it */
  char words[CHOICE_WORDS_BYTES]; /* those in small letters, parted by blanks */
};

/* Of `count` bytes of help: parted by `|`. */
struct choice choice_of(const char *text, size_t count);

/* Adds what another one has. */
void choice_add(struct choice *choice, const struct choice *other);

bool choice_is_empty(const struct choice *choice);

#endif
