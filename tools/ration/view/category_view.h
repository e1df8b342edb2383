/*
 * category_view.h: categories and their figures: as the table of one process, or as cells in the row of another.
 */
#ifndef RATION_TOOL_VIEW_CATEGORY_VIEW_H
#define RATION_TOOL_VIEW_CATEGORY_VIEW_H

#include "reader/selection.h"
#include "view/emitter.h"

/* The table of those that are selected, and its sum; `categories` and `total` of an open object. */
void category_view_table(struct emitter *emitter, const struct snapshot *snapshot,
                         const struct selection *selection);

/* What all categories of the process come to, in an open row. */
void category_view_total(struct emitter *emitter, const struct snapshot *snapshot);

#endif
