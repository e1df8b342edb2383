/*
 * profile_api.c: the functions of ration/ration.h for marks, and for switching samples on and off.
 */
#include <errno.h>
#include <ration/ration.h>
#include <string.h>

#include "model/event_ring.h"
#include "os/clock.h"
#include "os/process.h"
#include "shim/surface.h"
#include "track/heartbeat.h"
#include "track/process.h"

#define NAME_WORDS (RATION_EVENT_MARK_BYTES / sizeof(uint64_t))
_Static_assert(NAME_WORDS == 3, "a name fills limit, freed and detail");

/* As much of it as there is room for, no character in part; filled up with zeros. */
static void take_name(const char *name, uint64_t ret_words[NAME_WORDS]) {
  size_t bytes = 0;
  while (bytes < RATION_EVENT_MARK_BYTES && name[bytes]) bytes++;
  while (bytes == RATION_EVENT_MARK_BYTES && bytes > 0 && (name[bytes] & 0xc0) == 0x80) {
    do bytes--;
    while (bytes > 0 && (name[bytes] & 0xc0) == 0x80);
  }
  memset(ret_words, 0, NAME_WORDS * sizeof *ret_words);
  memcpy(ret_words, name, bytes);
}

/* A thread that has allocated nothing has no id in the segment. */
static uint32_t own_thread_id(void) {
  uint32_t thread_id = thread_segment_id();
  return thread_id ? thread_id : process_thread_id();
}

EXPORT int ration_mark(const char *name, uint64_t number) {
  uint64_t words[NAME_WORDS];
  if (!name || !*name) return -EINVAL;
  int kept_errno = errno;
  enum process_state state = process_ready();
  if (state == PROCESS_TRACKING) {
    take_name(name, words);
    event_ring_put(&segment, &(struct event){.at = clock_ns(),
                                             .kind = RATION_EVENT_MARK,
                                             .thread = own_thread_id(),
                                             .bytes = number,
                                             .limit = words[0],
                                             .freed = words[1],
                                             .detail = words[2]});
  }
  errno = kept_errno;
  return state == PROCESS_NEW || state == PROCESS_STARTING ? -EAGAIN : 0;
}

EXPORT int ration_profiling(int is_on) {
  int kept_errno = errno, result = -EAGAIN;
  enum process_state state = process_ready();
  if (state == PROCESS_PASSIVE) result = -ENOTSUP;
  if (state == PROCESS_TRACKING) {
    result = sampling_switch(is_on != 0);
    heartbeat_take_up_mean();
  }
  errno = kept_errno;
  return result;
}
