/*
 * worker.h: the one thread that the shim ever starts, with the program's first deferred handler: it runs those, and
 * looks at what lies outside the process once a second where that is asked for.
 */
#ifndef RATION_TRACK_WORKER_H
#define RATION_TRACK_WORKER_H

/* It runs, now or after this call. Returns 0 or -errno: it could not be started. */
int worker_start(void);

/* Something is due. In-malloc: one futex call, where the worker sleeps. */
void worker_wake(void);

/* It runs: then it looks outside, and nobody else has to. */
int worker_is_running(void);

/* In a forked child there is none. */
void worker_forget(void);

#endif
