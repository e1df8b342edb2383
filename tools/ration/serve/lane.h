/*
 * lane.h: one thread that does one thing after the other, and those that wait for it, of which there are never many.
 */
#ifndef RATION_TOOL_SERVE_LANE_H
#define RATION_TOOL_SERVE_LANE_H

#include <stdbool.h>

#define LANE_MOST 64 /* that wait */

/* What is to be done; `is_refused`: it will not be, since all ends. */
typedef void lane_work(void *context, bool is_refused);

struct lane;

/* NULL: no memory, or no thread to be had. */
struct lane *lane_start(void);

/* Returns 0, or -EBUSY: too many wait. */
int lane_put(struct lane *lane, lane_work *work, void *context);

/* Waits for what is being done; what is not begun is refused, and what comes from now on. NULL: there is none. */
void lane_stop(struct lane *lane);
void lane_free(struct lane *lane);

#endif
