/*
 * unwind_library.h: libunwind, asked for one rule at a time.
 *
 * Its remote interface works on an address space that we describe. Ours holds the unwind tables of the modules that
 * are loaded, and an imaginary stack; so libunwind looks at nothing of this process by itself, enters no loader, and
 * probes no address. What is left: it blocks signals and takes a lock of its own round a small pool, which it maps.
 */
#ifndef RATION_OS_UNWIND_LIBRARY_H
#define RATION_OS_UNWIND_LIBRARY_H

#include <stdint.h>

/*
 * Once, at start: loads it, lets it initialise itself, and closes what that opened. Allocates. Returns 0; -ENOENT:
 * there is none; -ENOTSUP: not one that we can use.
 */
int unwind_library_open(const char *name);

/* The rule (unwind_rule.h) of a return address, whatever it is. One call at a time. */
uint64_t unwind_library_ask(uintptr_t pc);

#endif
