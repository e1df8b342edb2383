/*
 * event_ring_file.h: a segment in a file that writers map, in several processes if need be, and readers read; and events
 * of which every bit can be told from `at`.
 */
#ifndef RATION_TESTS_MODEL_EVENT_RING_FILE_H
#define RATION_TESTS_MODEL_EVENT_RING_FILE_H

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "model/event_ring.h"
#include "reader/event_cursor.h"

static inline struct segment_file event_ring_file(struct segment *ret_segment) {
  size_t bytes = segment_bytes(2);
  int fd = memfd_create("ring", MFD_CLOEXEC);
  cr_assert(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  cr_assert(memory != MAP_FAILED);
  cr_assert_eq(segment_lay_out(memory, 2, NULL, ret_segment), 0);
  ret_segment->header->pid = (uint32_t)getpid();
  ret_segment->header->state = RATION_STATE_RUNNING;
  segment_publish(ret_segment);
  return (struct segment_file){.fd = fd, .bytes = bytes};
}

static inline struct event event_ring_event(uint64_t at) {
  uint64_t word[6];
  for (uint64_t i = 0; i < 6; i++) word[i] = hash_word(at * 6 + i);
  return (struct event){.at = at,
                        .kind = RATION_EVENT_PRESSURE,
                        .level = (uint8_t)(word[0] % RATION_LEVELS),
                        .old_level = (uint8_t)(word[0] / 8 % RATION_LEVELS),
                        .category = (uint8_t)(1 + word[0] / 64 % RATION_CATEGORY_LAST),
                        .budget = (uint8_t)(word[0] / 65536 % RATION_CATEGORY_LAST),
                        .thread = (uint32_t)word[1],
                        .priority = (int32_t)(word[1] >> 32),
                        .bytes = word[2],
                        .limit = word[3],
                        .freed = word[4],
                        .detail = word[5]};
}

/* The same for the stream, which has fewer words of its own. */
static inline struct sample_event event_ring_sample(uint64_t at) {
  struct event event = event_ring_event(at);
  return (struct sample_event){.at = at,
                               .kind = RATION_EVENT_SAMPLE,
                               .category = event.category,
                               .thread = event.thread,
                               .site = (uint32_t)event.detail,
                               .usable = event.bytes,
                               .weight_or_lived = event.limit,
                               .address = event.freed};
}

static inline int event_ring_is_intact(const struct event_facts *facts) {
  struct event event = event_ring_event(facts->at);
  int is_intact = facts->category == event.category && facts->thread == event.thread &&
                  facts->bytes == event.bytes && facts->limit == event.limit && facts->freed == event.freed;
  if (facts->kind == RATION_EVENT_SAMPLE) return is_intact && facts->detail == (uint32_t)event.detail;
  return is_intact && facts->kind == event.kind && facts->level == event.level &&
         facts->old_level == event.old_level && facts->budget == event.budget &&
         facts->priority == event.priority && facts->detail == event.detail;
}

/* Whether the events and gaps of a batch are exactly the tickets from `from` to before `to`. */
static inline int event_ring_is_complete(const struct event_batch *batch, uint64_t from, uint64_t to) {
  size_t event = 0, gap = 0;
  while (event < batch->count || gap < batch->gap_count) {
    if (event < batch->count && batch->event[event].ticket == from) {
      event++;
      from++;
    } else {
      if (gap == batch->gap_count || batch->gap[gap].first != from || batch->gap[gap].last < from) return 0;
      from = batch->gap[gap++].last + 1;
    }
  }
  return from == to;
}

#endif
