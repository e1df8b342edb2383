/*
 * unwind_table.h: where a module keeps its unwind information: a sorted table of functions (.eh_frame_hdr), and in the
 * same area of its file the entries that it leads to (.eh_frame).
 */
#ifndef RATION_OS_UNWIND_TABLE_H
#define RATION_OS_UNWIND_TABLE_H

#include <stdint.h>

#include "os/module.h"

struct unwind_table {
  uintptr_t module_start, module_end; /* all that the module maps */
  struct module_area area; /* what may be read: the area of the module's file that the table lies in */
  uintptr_t header;        /* what the table's numbers are relative to */
  uintptr_t entries;       /* pairs of 32-bit numbers */
  uint32_t count;
};

/*
 * The table for the code at `address`. Returns 0; -ENOENT: it is in no module, or in one without a table;
 * -ENOTSUP: a table of another form than linkers write. In-malloc: no lock, no allocation.
 */
int unwind_table_find(uintptr_t address, struct unwind_table *ret_table);

#endif
