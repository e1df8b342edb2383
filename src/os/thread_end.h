/*
 * thread_end.h: to be told when a thread ends.
 */
#ifndef RATION_OS_THREAD_END_H
#define RATION_OS_THREAD_END_H

/*
 * Once, at start: what to call as each watched thread ends. Called as late as can be, in the last round of
 * the thread's key destructors (PTHREAD_DESTRUCTOR_ITERATIONS), since those of others still allocate and
 * free. Returns 0 or -errno; then no thread is ever seen to end.
 */
int thread_end_prepare(void (*on_end)(void));

/* Watches the calling thread. May allocate inside libc where it has many keys. */
void thread_end_watch(void);

#endif
