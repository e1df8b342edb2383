/*
 * site_diff_view.h: the sites of two processes: the list `sites` of an open object; in text those that have changed,
 * each with its stack.
 */
#ifndef RATION_TOOL_DIFF_SITE_DIFF_VIEW_H
#define RATION_TOOL_DIFF_SITE_DIFF_VIEW_H

#include "diff/diff_view.h"

/* Returns 0, or -errno: a site could not be named. */
int site_diff_view(struct emitter *emitter, const struct diff_report *report);

#endif
