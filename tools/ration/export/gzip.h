/*
 * gzip.h: bytes, compressed, as gzip(1) has them.
 */
#ifndef RATION_TOOL_EXPORT_GZIP_H
#define RATION_TOOL_EXPORT_GZIP_H

#include <stddef.h>
#include <stdio.h>

/* Returns 0 or -ENOMEM; what becomes of `to` is its caller's care. */
int gzip_write(const void *bytes, size_t size, FILE *to);

#endif
