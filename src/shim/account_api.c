/*
 * account_api.c: the functions of ration/ration.h for memory that malloc never sees.
 */
#include <errno.h>
#include <ration/ration.h>

#include "shim/surface.h"
#include "track/accounts.h"

EXPORT int ration_account_add(ration_category_id category, uint64_t bytes) {
  int kept_errno = errno;
  int result = accounts_add(category, bytes);
  errno = kept_errno;
  return result;
}

EXPORT int ration_account_remove(ration_category_id category, uint64_t bytes) {
  int kept_errno = errno;
  int result = accounts_remove(category, bytes);
  errno = kept_errno;
  return result;
}

EXPORT int ration_account_block(ration_category_id category, const void *address, uint64_t bytes) {
  int kept_errno = errno;
  int result = accounts_block(category, (uint64_t)(uintptr_t)address, bytes);
  errno = kept_errno;
  return result;
}
