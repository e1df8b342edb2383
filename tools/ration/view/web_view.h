/*
 * web_view.h: what the web page draws its flame graph, its table of sites and its timeline from, in JSON alone: so compact that
 * tens of thousands of sites, and thousands of points, stay some megabytes.
 *
 * Sites are as of `report --sites`, but that each frame stands once, in `frames`, and of each site a number for it.
 */
#ifndef RATION_TOOL_VIEW_WEB_VIEW_H
#define RATION_TOOL_VIEW_WEB_VIEW_H

#include "reader/timeline.h"
#include "view/site_view.h"

/* `frames`, `sites` and `sampling` of the object that is open: the sites that pass the filter. Returns 0 or -ENOMEM. */
int web_view_sites(struct emitter *emitter, const struct process *process, const struct site_report *report);

/*
 * `timeline` of the object that is open, in columns: `seconds` of its points, and in `categories` what each of those had at each
 * point that ever had something.
 */
void web_view_timeline(struct emitter *emitter, const struct process *process,
                       const struct timeline *timeline);

#endif
