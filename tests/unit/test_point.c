/*
 * test_point.c: what base/test_point.h calls, in the unit tests.
 */
#include "base/test_point.h"

void (*test_point_hook)(const char *name);
