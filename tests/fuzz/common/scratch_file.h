/*
 * scratch_file.h: files that last as long as the fuzz target that made them, in memory: $RATION_FUZZ_DIR, else /dev/shm.
 */
#ifndef RATION_FUZZ_SCRATCH_FILE_H
#define RATION_FUZZ_SCRATCH_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/* The path of a file of this name, which is removed at exit. */
void scratch_file_name(const char *name, char ret_path[PATH_MAX]);

/* Makes `bytes` all that it holds. */
void scratch_file_write(const char *path, const void *bytes, size_t count);

/* A copy of the bytes that ends with a NUL: what is a text for whoever reads it. The caller frees it. */
char *scratch_text(const uint8_t *bytes, size_t count);

#endif
