/*
 * outside.h: pressure from outside the process: the cgroup's memory, or the kernel's account of who stalls (PSI), where
 * the setting `outside` says so; and the limits that budgets are shares of. Looked at by the worker, else at a
 * heartbeat, at most once a second: files are opened, read and closed.
 */
#ifndef RATION_TRACK_OUTSIDE_H
#define RATION_TRACK_OUTSIDE_H

/* Looks, if a second has gone by. */
void outside_look(void);

/* Milliseconds until the next look; -1: there is nothing to look at. */
int outside_wait_ms(void);

#endif
