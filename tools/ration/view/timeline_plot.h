/*
 * timeline_plot.h: a timeline as text: a plot of the sum, and below it a line for each of the largest categories.
 */
#ifndef RATION_TOOL_VIEW_TIMELINE_PLOT_H
#define RATION_TOOL_VIEW_TIMELINE_PLOT_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/chart.h"
#include "view/emitter.h"

/* Of a stretch of time in which there are points; no line of the plot is wider than `columns`. */
void timeline_plot(struct emitter *emitter, const struct process *process, const struct timeline *timeline,
                   const struct time_axis *axis, unsigned columns, const struct selection *selection);

#endif
