/*
 * api.h: the library's functions for a program that is linked with it, or preloaded with it: then they are
 * weak, and there only under the shim. (Such a program must be position-independent: see ration/tag.h.)
 */
#ifndef RATION_TESTS_ORACLE_API_H
#define RATION_TESTS_ORACLE_API_H

#include <ration/ration.h>

#ifdef ORACLE_IS_LINKED
static inline int api_is_there(void) {
  return 1;
}
#else
#pragma weak ration_is_tracking
#pragma weak ration_category
#pragma weak ration_category_path
#pragma weak ration_enter
#pragma weak ration_leave
#pragma weak ration_stats
#pragma weak ration_block_info
static inline int api_is_there(void) {
  return ration_is_tracking != NULL;
}
#endif

#endif
