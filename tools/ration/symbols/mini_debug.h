/*
 * mini_debug.h: the symbol table that some distributions leave in stripped files: a small ELF file, compressed, in the
 * section .gnu_debugdata.
 */
#ifndef RATION_TOOL_SYMBOLS_MINI_DEBUG_H
#define RATION_TOOL_SYMBOLS_MINI_DEBUG_H

#include "symbols/object_file.h"

/* Returns 0, -ENOENT: the file has none, -EBADMSG: a broken or a huge one, or -ENOMEM. */
int mini_debug_open(const struct object_file *file, struct object_file **ret_mini);

#endif
