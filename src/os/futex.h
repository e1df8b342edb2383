/*
 * futex.h: to wait until a word changes, and to wake who waits. Private to the process. errno may change.
 */
#ifndef RATION_OS_FUTEX_H
#define RATION_OS_FUTEX_H

#include <stdint.h>

/* While the word is `value`, at most so many milliseconds (-1: for ever); may return earlier. */
void futex_wait(const uint32_t *word, uint32_t value, int milliseconds);
void futex_wake(const uint32_t *word);

#endif
