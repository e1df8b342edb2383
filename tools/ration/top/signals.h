/*
 * signals.h: signals as something to wait for, so that none of them comes between two bytes that go to the terminal.
 */
#ifndef RATION_TOOL_TOP_SIGNALS_H
#define RATION_TOOL_TOP_SIGNALS_H

#include <signal.h>

/*
 * Blocks those that end or stop a program, and those of the terminal; one that the caller has switched off stays so.
 * Threads that are made later have them blocked, too. Returns a descriptor that can be read when one has come, or -errno.
 */
int signals_begin(void);

/* The next one that has come; 0: none. */
int signals_next(int fd);

/* Stops the program, as the signal would have; returns when it goes on. */
void signals_stop(void);

#endif
