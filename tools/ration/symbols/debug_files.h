/*
 * debug_files.h: where the parts of a module are that its own file lacks: separate debug files, what dwz took out of
 * several of them, and the file itself when it is gone from its path.
 *
 * A file is found by its build-id, as .build-id/ab/cdef.debug below each of these folders; by the name and the checksum
 * that the module's file has (.gnu_debuglink), beside it and below the folders; or on a server.
 *
 *   debug_dir, SYSROOT/usr/lib/debug, /usr/lib/debug
 *
 * What has another build-id than the one wanted is not found.
 */
#ifndef RATION_TOOL_SYMBOLS_DEBUG_FILES_H
#define RATION_TOOL_SYMBOLS_DEBUG_FILES_H

#include <elfutils/libdw.h>

#include "symbols/debuginfod.h"
#include "symbols/object_file.h"

struct debug_places {
  const char *sysroot;   /* NULL: none */
  const char *debug_dir; /* NULL: none */
  struct debuginfod *servers;
};

/*
 * The debug file of a module. `module` is its own file; NULL: it is gone, and only the build-id is known. Returns 0, or
 * -ENOENT: there is none that can be read.
 */
int debug_files_find(const struct debug_places *places, const struct object_file *module,
                     struct build_id build_id, struct object_file **ret_file);

/* The file of a module by its build-id alone, from a server. Returns 0 or -ENOENT. */
int debug_files_find_module(const struct debug_places *places, struct build_id build_id,
                            struct object_file **ret_file);

/*
 * What dwz took out of this debug file. Returns 0; *ret_file is NULL where nothing was taken out. -ENOENT: it is
 * missing, and the debug file of little use.
 */
int debug_files_find_shared(const struct debug_places *places, const struct object_file *file, Dwarf *dwarf,
                            struct object_file **ret_file);

#endif
