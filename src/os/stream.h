/*
 * stream.h: what the program asks to be written to a stream of its own (malloc_info(3)): the only use of stdio.
 */
#ifndef RATION_OS_STREAM_H
#define RATION_OS_STREAM_H

#include <stddef.h>
#include <stdio.h>

/* Returns 0, or -1 with errno. May allocate, as the program itself would. */
int stream_put(FILE *stream, const char *bytes, size_t count);

#endif
