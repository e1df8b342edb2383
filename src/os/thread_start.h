/*
 * thread_start.h: a thread of the shim's own, and libc's pthread_create, of which the shim has one itself.
 */
#ifndef RATION_OS_THREAD_START_H
#define RATION_OS_THREAD_START_H

#include <pthread.h>
#include <stdint.h>

typedef void *(*thread_function)(void *);
typedef int (*thread_creator)(pthread_t *, const pthread_attr_t *, thread_function, void *);

/*
 * The next pthread_create in link order; NULL: there is none. Looked up once, by the loader: `caller` is an address in
 * the module that asks, since in a C library before glibc 2.34 it is in a library that a plugin may have brought. To be
 * called inside (track/thread.h).
 */
thread_creator thread_find_creator(uintptr_t caller);

/*
 * Starts a thread that nobody joins, with all signals blocked, under this name (15 bytes at most). Inside, too. Returns
 * 0 or -errno.
 */
int thread_start(thread_function function, const char *name);

#endif
