/*
 * heartbeat.c: the list of what is due.
 */
#include "track/heartbeat.h"

#include <errno.h>

#include "model/timeline.h"
#include "os/clock.h"
#include "track/caller.h"
#include "track/control.h"
#include "track/outside.h"
#include "track/process.h"
#include "track/worker.h"

/* A thread that has been given another name may fit other rules. */
static void follow_name(struct record *record) {
  if (rules_have(&rules, RATION_RULE_THREAD) && caller_has_new_rule()) caller_forget_thread(record);
}

/* What is the same for all threads. */
static void look_around(void) {
  control_take_up();
  timeline_note(&segment, 0, clock_coarse_ns());
  if (!worker_is_running()) outside_look();
}

SLOW_PATH void *heartbeat(void *block) {
  int kept_errno = errno;
  struct record *record = thread.record;
  record->countdown = HEARTBEAT_BYTES;
  follow_name(record);
  look_around();
  errno = kept_errno;
  return block;
}

SLOW_PATH void heartbeat_when_refused(void) {
  int kept_errno = errno;
  look_around();
  errno = kept_errno;
}
