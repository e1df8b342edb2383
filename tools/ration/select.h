/*
 * select.h: the options by which a user selects categories, for all commands that show them.
 */
#ifndef RATION_TOOL_SELECT_H
#define RATION_TOOL_SELECT_H

#include <argp.h>

#include "reader/selection.h"

/* A child of the command's own parser: all of them; and those that say which categories, and not how they lie. */
extern const struct argp select_argp, select_rows_argp;

/* What it was given. */
extern struct selection selected;

#endif
