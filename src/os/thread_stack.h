/*
 * thread_stack.h: the stack of a thread that pthread_create starts.
 */
#ifndef RATION_OS_THREAD_STACK_H
#define RATION_OS_THREAD_STACK_H

#include <pthread.h>
#include <stddef.h>

/* How many bytes a thread with these attributes (NULL: the usual ones) is given at least. 0: it is not known. */
size_t thread_stack_bytes(const pthread_attr_t *attributes);

/* In such a thread, at its start: that many, for stack.h and range.h. */
void thread_stack_note(size_t bytes);

/* At its end: what lies there is nobody's stack any more. */
void thread_stack_forget(void);

#endif
