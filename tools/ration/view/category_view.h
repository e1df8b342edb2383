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

/* Figures, plain, into the object of JSON that is open. */
void category_view_figures(struct emitter *emitter, const struct figures *figures);

/* The figures of a category one by one, as JSON has them, those of its subtree last; NULL: there are no more. */
const struct field *category_view_figure(size_t number);

/* What one of them is; of the root what the object `total` has. False: it is null. */
bool category_view_value(const struct field *figure, const struct snapshot *snapshot, uint32_t id,
                         uint64_t *ret_value);

#endif
