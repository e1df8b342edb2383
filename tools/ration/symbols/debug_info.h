/*
 * debug_info.h: what compilers left for debuggers in one file (DWARF 2 to 5, also split, and shared by dwz): its units,
 * by address and by entry.
 *
 * Which code a unit has, it must say itself; the compilers all do.
 */
#ifndef RATION_TOOL_SYMBOLS_DEBUG_INFO_H
#define RATION_TOOL_SYMBOLS_DEBUG_INFO_H

#include "symbols/debug_files.h"
#include "symbols/unit.h"

struct debug_info;

/*
 * Of this file, which stays the caller's and must outlive it. Returns 0; -EBADMSG: the file has none, or it is broken;
 * -ENOENT: what dwz took out of it is missing; or -ENOMEM.
 */
int debug_info_open(const struct debug_places *places, const struct object_file *file,
                    struct debug_info **ret_info);

/* NULL is nothing to close. */
void debug_info_close(struct debug_info *info);

/* The unit that has this code, read. Returns 0; -ENOENT: none has; or -ENOMEM. */
int debug_info_unit_at(struct debug_info *info, uint64_t address, struct unit **ret_unit);

/* The unit in which an entry stands, read. Returns 0; -EBADMSG: it is broken; or -ENOMEM. */
int debug_info_unit_of(struct debug_info *info, const Dwarf_Die *entry, struct unit **ret_unit);

#endif
