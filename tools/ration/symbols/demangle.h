/*
 * demangle.h: the names of C++ and Rust functions, as their authors wrote them.
 *
 * Understands the Itanium C++ ABI and both manglings of Rust. A mangled name may be anything that somebody wrote into
 * a file: how long it may be, and how much may come of it, is limited.
 */
#ifndef RATION_TOOL_SYMBOLS_DEMANGLE_H
#define RATION_TOOL_SYMBOLS_DEMANGLE_H

#include "symbols/store.h"

/* With the types of its arguments, in the store. NULL: it is not mangled, or not understood, or there is no memory. */
const char *demangle(const char *name, struct store *store);

#endif
