/*
 * functions.h: the functions that `fn:` rules and the option `wrapper` name, by address.
 *
 * For modules that are loaded when the program starts, all of their symbol tables are read then, and what fits a glob
 * is kept, sorted. Of a module that comes later only the dynamic symbols are looked at, once for each place in its code
 * that asks for memory; such modules are counted (late_modules), and so are those from the start that could not be read
 * (unread_modules). Without such rules there is nothing to read or look at.
 *
 * In-malloc, but for functions_prepare: no lock. The table is constant after the start.
 */
#ifndef RATION_TRACK_FUNCTIONS_H
#define RATION_TRACK_FUNCTIONS_H

#include <stdint.h>

#include "os/module.h"

struct function_match {
  uint16_t rule; /* RULES_NONE: no glob fits */
  int is_wrapper;
};

/* At start, when there is a segment. Where memory is short, the symbols of some modules are not known. */
void functions_prepare(void);

/* The function of that module, of this mark, in which the address lies. */
struct function_match functions_at(uintptr_t address, const struct module *module, uint64_t mark);

#endif
