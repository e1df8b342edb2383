/*
 * fail.h: how a function that yields a pointer says why it yields none.
 */
#ifndef RATION_SRC_KIT_FAIL_H
#define RATION_SRC_KIT_FAIL_H

#include <errno.h>
#include <stddef.h>

/* error: negative, as functions return it that yield a number. */
static inline void *fail(int error) {
  errno = -error;
  return NULL;
}

#endif
