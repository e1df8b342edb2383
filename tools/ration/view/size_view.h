/*
 * size_view.h: how large blocks are: a table of size classes for each category.
 */
#ifndef RATION_TOOL_VIEW_SIZE_VIEW_H
#define RATION_TOOL_VIEW_SIZE_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "reader/size_table.h"
#include "view/emitter.h"

/* `size_histogram` of an open object; in text the categories whose blocks had the most bytes. */
void size_view_tables(struct emitter *emitter, const struct process *process, const struct size_table *table,
                      const struct selection *selection);

#endif
