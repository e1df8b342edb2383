/*
 * pressure_api.c: the functions of ration/ration.h for levels and handlers.
 */
#include <errno.h>
#include <ration/ration.h>

#include "shim/surface.h"
#include "track/control.h"
#include "track/handlers.h"
#include "track/heartbeat.h"
#include "track/pressure.h"

EXPORT int ration_pressure_level(ration_category_id category) {
  return segment_category(&segment, category) ? (int)pressure_level(category) : -EINVAL;
}

EXPORT int ration_pressure_register(const struct ration_handler *handler) {
  int kept_errno = errno;
  int result = process_ready() == PROCESS_TRACKING ? handlers_register(handler) : -ENOTSUP;
  errno = kept_errno;
  return result;
}

EXPORT int ration_pressure_unregister(int handle) {
  int kept_errno = errno;
  int result = process_ready() == PROCESS_TRACKING ? handlers_unregister(handle) : -ENOENT;
  errno = kept_errno;
  return result;
}

EXPORT int ration_pressure_poll(void) {
  if (control_is_asked() && process_ready() == PROCESS_TRACKING) heartbeat_when_polled();
  if (handlers_wait_ms(RATION_DISPATCH_POLLED) < 0) return 0;
  int kept_errno = errno;
  int count = process_ready() == PROCESS_TRACKING ? handlers_run_due(RATION_DISPATCH_POLLED) : 0;
  errno = kept_errno;
  return count;
}

EXPORT int ration_pressure_simulate(ration_category_id category, int level) {
  int kept_errno = errno;
  if (!segment_category(&segment, category) || level < -1 || level > RATION_LEVEL_CRITICAL) return -EINVAL;
  int result = process_ready() == PROCESS_TRACKING ? pressure_simulate(category, level) : -ENOENT;
  errno = kept_errno;
  return result;
}

EXPORT void ration_pressure_suppress(int is_suppressed) {
  int kept_errno = errno;
  handlers_suppress(is_suppressed != 0);
  errno = kept_errno;
}
