/*
 * function.h: whether two places in code lie in one function.
 */
#ifndef RATION_OS_FUNCTION_H
#define RATION_OS_FUNCTION_H

#include <stdint.h>

/*
 * 1 if both return addresses lie in one function (the first of a call that is under way, so that its module stays), by the search table of the module's unwind information (which
 * every compiler lays beside what it makes); 0 if not, or it cannot be known: no such table, or a C library before
 * glibc 2.35. A part of a function that the compiler has put elsewhere (.cold) counts as another one. No lock, no
 * allocation; errno is kept.
 */
int function_is_same(uintptr_t a, uintptr_t b);

#endif
