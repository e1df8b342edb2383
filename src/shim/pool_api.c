/*
 * pool_api.c: the functions of ration/ration.h for object pools.
 */
#include <errno.h>
#include <ration/ration.h>

#include "model/pools.h"
#include "shim/surface.h"
#include "track/process.h"

/* 0: it tracks; else what the program is told. */
static int state_error(void) {
  enum process_state state = process_ready();
  if (state == PROCESS_PASSIVE) return -ENOTSUP;
  return state == PROCESS_TRACKING ? 0 : -EAGAIN;
}

EXPORT int ration_pool_register(const char *name, ration_category_id category, size_t object_bytes) {
  if (!name || !*name || object_bytes == 0) return -EINVAL;
  int kept_errno = errno, result = state_error();
  if (result == 0 && category && !segment_category(&segment, category)) result = -EINVAL;
  if (result == 0) result = pools_register(&segment, name, category, object_bytes);
  errno = kept_errno;
  return result == -ENOMEM ? -ENOTSUP : result;
}

EXPORT int ration_pool_update(int handle, const struct ration_pool_figures *figures) {
  if (!figures || figures->size != sizeof *figures) return -EINVAL;
  int kept_errno = errno, result = state_error();
  if (result == 0)
    result = pools_update(&segment, handle,
                          &(struct pool_figures){.used = figures->used,
                                                 .reserved = figures->reserved,
                                                 .peak = figures->peak,
                                                 .takes = figures->takes,
                                                 .hits = figures->hits});
  errno = kept_errno;
  return result == -ENOTSUP ? -ENOENT : result;
}

EXPORT int ration_pool_unregister(int handle) {
  int kept_errno = errno, result = state_error();
  if (result == 0) result = pools_unregister(&segment, handle);
  errno = kept_errno;
  return result == -ENOTSUP ? -ENOENT : result;
}
