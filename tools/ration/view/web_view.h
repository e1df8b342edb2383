/*
 * web_view.h: what the web page draws its flame graph and its table of sites from, in JSON alone.
 *
 * As of `report --sites`, but that each frame stands once, in `frames`, and of each site a number for it, so that tens of
 * thousands of sites stay some megabytes.
 */
#ifndef RATION_TOOL_VIEW_WEB_VIEW_H
#define RATION_TOOL_VIEW_WEB_VIEW_H

#include "view/site_view.h"

/* `frames`, `sites` and `sampling` of the object that is open: the sites that pass the filter. Returns 0 or -ENOMEM. */
int web_view_sites(struct emitter *emitter, const struct process *process, const struct site_report *report);

#endif
