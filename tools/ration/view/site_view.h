/*
 * site_view.h: the sites of a process on the screen and in JSON: where its bytes come from.
 *
 * JSON has all that pass the filter, text the first of them, each with its stack, or the tree of all.
 */
#ifndef RATION_TOOL_VIEW_SITE_VIEW_H
#define RATION_TOOL_VIEW_SITE_VIEW_H

#include "reader/process.h"
#include "sites/frame_filter.h"
#include "sites/site_table.h"
#include "view/emitter.h"

enum site_shape { SITES_AS_LIST, SITES_AS_CALL_TREE, SITES_AS_CALLERS };

struct site_report {
  const struct site_list *sites;
  const struct site_table *table;
  struct symbols *symbols;
  const struct frame_filter *filter;
  enum site_shape shape;
  uint32_t most;        /* sites in text; 0: all */
  uint32_t most_frames; /* of each in text; 0: all */
  bool is_raw;
};

/* The list `sites`, `sampling`, and in text how far it can be trusted. */
void site_view_table(struct emitter *emitter, const struct process *process,
                     const struct site_report *report);

/* What takes its time, of whoever names the frames of many stacks. */
#define SITE_VIEW_PROGRESS "naming call stacks"

/* A 95 % interval of bytes in words. */
#define SITE_INTERVAL_BYTES 128
void site_view_interval(struct interval interval, char ret_words[SITE_INTERVAL_BYTES]);

/* The figures of a site in the object that is open: all that JSON has of it but `lifetimes` and `frames`. */
void site_view_figures(struct emitter *emitter, const struct process *process,
                       const struct site_report *report, const struct site_row *row);

/* The list `frames` of the object that is open; one of them. */
void site_view_frames(struct emitter *emitter, const struct stack *stack);
void site_view_frame(struct emitter *emitter, const struct stack_frame *frame);

/* The same below the row that is open, at most so many (0: all). */
void site_view_stack(struct emitter *emitter, const struct stack *stack, uint32_t most);

/* An entry of a list, and of its table: the record's fields, and the stack, in text at most so many frames of it. */
void site_view_entry(struct emitter *emitter, const struct field *fields, size_t count, const void *record,
                     const struct stack *stack, uint32_t most);

/* How many samples there are, what they cover, and what was lost: the object `sampling`, and lines of text. */
void site_view_coverage(struct emitter *emitter, const struct site_report *report);

#endif
