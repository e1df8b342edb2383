/*
 * test_point.h: moments, by name, at which a test can hold or kill a thread for certain, not by luck.
 *
 * Only the unit tests' build has them (RATION_TEST_POINTS); in the shim nothing is left of one.
 */
#ifndef RATION_BASE_TEST_POINT_H
#define RATION_BASE_TEST_POINT_H

#ifdef RATION_TEST_POINTS
/* Called with the name of each test point that a thread comes to; NULL: nothing is. Set while no other thread runs. */
extern void (*test_point_hook)(const char *name);
#define TEST_POINT(name) (test_point_hook ? test_point_hook(name) : (void)0)
#else
#define TEST_POINT(name) ((void)0)
#endif

#endif
