/*
 * fitting.h: which options belong to which looks, and which of them choose one.
 */
#ifndef RATION_TOOL_REPORT_FITTING_H
#define RATION_TOOL_REPORT_FITTING_H

#include "reader/fault.h"
#include "reader/selection.h"

/* Each look, and sets of them. */
enum looks {
  LOOK_PAGE = 1,
  LOOK_EVENTS = 2,
  LOOK_THREADS = 4,
  LOOK_SITES = 8,
  LOOK_LARGEST = 16,
  LOOK_LEAKS = 32,
  LOOK_TIMELINE = 64,
  LOOK_SIZES = 128,
  LOOK_POOLS = 256,
  LOOK_HEAP = 512,
  LOOK_HTML = 1024,
};

/* That the option (`--by`) was given. */
void fitting_note(const char *option);

/*
 * When all options are there: which look it is, if not one that was chosen by its own option (else LOOK_PAGE). Returns 0,
 * or -ERANGE, with words, where one belongs to another.
 */
int fitting_find(enum looks chosen, enum looks *ret_look, struct fault *ret_fault);

/* The same of those that select categories; they say nothing of other looks in text. 0 or -ERANGE. */
int fitting_check_selection(enum looks look, const struct selection *selection, struct fault *ret_fault);

#endif
