/*
 * debuginfod.h: files by build-id from the servers that the environment's DEBUGINFOD_URLS names.
 *
 * Their library, libdebuginfod.so.1, is opened only when that is set and the first file is wanted; without it there
 * are no such files. It keeps what it has got in a cache of its own. A server that cannot be reached, or is too slow,
 * is asked once and no more.
 */
#ifndef RATION_TOOL_SYMBOLS_DEBUGINFOD_H
#define RATION_TOOL_SYMBOLS_DEBUGINFOD_H

#include "symbols/object_file.h"

struct debuginfod;

/* NULL: no memory, or nothing is set; what is asked of NULL is not found. */
struct debuginfod *debuginfod_open(void);
void debuginfod_close(struct debuginfod *debuginfod);

enum debuginfod_kind { DEBUGINFOD_DEBUG, DEBUGINFOD_EXECUTABLE };

/* Returns 0, -ENOENT: no server has it, or there is none; or the -errno of reading the file. */
int debuginfod_find(struct debuginfod *debuginfod, enum debuginfod_kind kind, struct build_id build_id,
                    struct object_file **ret_file);

#endif
