/*
 * outline.h: a command as completion sees it: its options and arguments, out of its argp.
 */
#ifndef RATION_TOOL_COMPLETION_OUTLINE_H
#define RATION_TOOL_COMPLETION_OUTLINE_H

#include <argp.h>
#include <stdio.h>

#include "completion/choice.h"

struct outline_option {
  char letter;          /* 0: none */
  const char *name;     /* without `--`; NULL: none */
  const char *argument; /* as help has it; NULL: it takes none */
  bool is_argument_optional;
  const char *words; /* what it does */
  struct choice choice;
};

#define OUTLINE_OPTIONS   64
#define OUTLINE_POSITIONS 8

struct outline {
  const char *name; /* of the command; NULL: of ration itself */
  const char *summary;
  struct outline_option options[OUTLINE_OPTIONS];
  size_t option_count;
  struct choice positions[OUTLINE_POSITIONS];
  size_t position_count;
  bool repeats; /* what may stand at the last position may do so again and again */
};

/* Returns 0, or -E2BIG: it has more than there is room for. The texts are those of `argp`, which must stay. */
int outline_make(const char *name, const char *summary, const struct argp *argp, struct outline *ret_outline);

/* How a shell's script is written: one function for each. */
typedef void outline_writer(const struct outline *outlines, size_t count, FILE *to);
outline_writer completion_bash, completion_zsh, completion_fish;

#endif
