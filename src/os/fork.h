/*
 * fork.h: to be called round fork(2).
 */
#ifndef RATION_OS_FORK_H
#define RATION_OS_FORK_H

/*
 * Once, as early as can be: `prepare` then runs after all other prepare handlers, `parent` and `child` before
 * all others (pthread_atfork(3)). vfork, posix_spawn and a raw clone call none of them. Returns 0 or -errno.
 */
int fork_watch(void (*prepare)(void), void (*parent)(void), void (*child)(void));

#endif
