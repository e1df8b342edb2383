/*
 * unwind_entries.h: the rule of a return address, read from its module's own unwind information: the entries of
 * .eh_frame (Linux Standard Base Core 5.0, 10.6.1) with the call frame instructions of DWARF 4, 6.4.2.
 *
 * Only what compilers write for ordinary functions is followed, to no more than where a frame ends and where rbp was
 * saved. What is left (expressions, signal frames) is libunwind's. In-malloc: no lock, no allocation, no system call;
 * entries are taken for hostile: nothing outside their area of the module is read.
 */
#ifndef RATION_OS_UNWIND_ENTRIES_H
#define RATION_OS_UNWIND_ENTRIES_H

#include <stdint.h>

/* Returns 0 with the rule (unwind_rule.h); -ENOTSUP: of a kind that is not followed here. x86-64 alone. */
int unwind_entries_ask(uintptr_t pc, uint64_t *ret_rule);

#endif
