/*
 * process_view.h: a process on the screen and in JSON: as a page of its own, or as a row among others.
 *
 * In JSON both are the same object of docs/names.md.
 */
#ifndef RATION_TOOL_VIEW_PROCESS_VIEW_H
#define RATION_TOOL_VIEW_PROCESS_VIEW_H

#include "reader/event_list.h"
#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

/* The head line, the tables of the selected categories and their budgets, and how far they can be trusted. */
void process_view_page(struct emitter *emitter, const struct process *process,
                       const struct selection *selection);

/* The head line, and then what `show` has to show in the place of the tables; JSON has both, in the page's object. */
typedef void process_shower(struct emitter *emitter, const struct process *process,
                            const struct selection *selection, const void *context);
void process_view_instead(struct emitter *emitter, const struct process *process,
                          const struct selection *selection, process_shower *show, const void *context);

/* The head line and what happened; JSON has the page's object, with the events in it. */
void process_view_events(struct emitter *emitter, const struct process *process,
                         const struct event_list *events, const struct selection *selection);

/* Who it is, on a line: what stands at the head of its page; in the object that is open. `phrase` has %s for the program. */
void process_view_identity(struct emitter *emitter, const struct process *process, const char *phrase);

/* A row among the children of a started program; the selection is for JSON. */
void process_view_child(struct emitter *emitter, const struct process *process,
                        const struct selection *selection);

/* Processes too many to show, summed: peaks that need not have come at the same time. */
struct process_rest {
  uint64_t processes;
  uint64_t live_bytes;
  uint64_t peak_bytes;
  uint64_t allocations;
  uint64_t frees;
};
void process_rest_add(struct process_rest *rest, const struct snapshot *snapshot);
void process_view_rest(struct emitter *emitter, const struct process_rest *rest);

#endif
