/*
 * page_heap_view.h: what the page heap holds: by category, by size of block, and what is free; and what the program has
 * done wrong with its blocks.
 */
#ifndef RATION_TOOL_VIEW_PAGE_HEAP_VIEW_H
#define RATION_TOOL_VIEW_PAGE_HEAP_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"
#include "view/misuse_view.h"

/*
 * `page_heap` of an open object, of those categories that are selected; null over the system heap. `context` is a struct
 * misuse_report; NULL: there is none.
 */
void page_heap_view_tables(struct emitter *emitter, const struct process *process,
                           const struct selection *selection, const void *context);

/*
 * In text a line where the page heap was asked for and is not used, and one for each kind of fault that was noticed, with
 * what shows where, if there is an event of it.
 */
void page_heap_view_notes(struct emitter *emitter, const struct process *process);

#endif
