/*
 * event_view.h: what happened, in the order in which it did.
 */
#ifndef RATION_TOOL_VIEW_EVENT_VIEW_H
#define RATION_TOOL_VIEW_EVENT_VIEW_H

#include "reader/event_list.h"
#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

/* `events` of an open object: of those categories that are selected. Text ends with how many are not there. */
void event_view_table(struct emitter *emitter, const struct process *process, const struct event_list *events,
                      const struct selection *selection);

/*
 * JSON alone: `events` of what a timeline is marked with: pressure, breaches, refusals, marks. Those that are one line of text are
 * one here, too, with how many `times` it came.
 */
void event_view_course(struct emitter *emitter, const struct process *process,
                       const struct event_list *events);

/*
 * One event on a line, as it comes: in columns of fixed width, without the line's end. `modules` are those that there
 * are by then; its events are not looked at.
 */
#define EVENT_LINE_BYTES 1024
void event_view_line(const struct process *process, const struct event_facts *facts,
                     const struct event_list *modules, char ret_line[EVENT_LINE_BYTES]);

#endif
