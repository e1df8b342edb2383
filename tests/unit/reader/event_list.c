/*
 * Tests of reader/event_list.c: a ring that has come round, slots that are not whole, and numbers of all sizes.
 */
#include "reader/event_list.h"

#include <pthread.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/fake_segment.h"

static struct fake_segment segment;
static struct event_list list;
static struct fault fault;

static void fill(void) {
  fake_segment_fill(&segment);
  fake_segment_add_tables(&segment);
  fake_segment_add_budgets(&segment);
}

static int read_segment(void) {
  event_list_free(&list); /* of the last one */
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  int error = event_list_read(&file, &list, &fault);
  segment_file_close(&file);
  return error;
}

static void tear_down(void) {
  event_list_free(&list);
}

static void check_tickets(size_t count, const uint64_t tickets[]) {
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  cr_assert_eq(list.count, count, "%zu", list.count);
  for (size_t i = 0; i < count; i++) cr_assert_eq(list.event[i].ticket, tickets[i], "event %zu", i);
}

Test(event_list, is_in_the_order_of_tickets, .init = fill, .fini = tear_down) {
  check_tickets(7, (uint64_t[]){3, 5, 6, 7, 8, 9, 12});
  cr_assert_eq(list.lost, 1);
  cr_assert_eq(list.overwritten, 5, "0 to 2, 4, and the one that is just being written");
  const struct event_facts *handler = &list.event[4];
  cr_assert_eq(handler->kind, RATION_EVENT_HANDLER);
  cr_assert_eq(handler->level, RATION_LEVEL_CRITICAL);
  cr_assert_eq(handler->category, 4);
  cr_assert_eq(handler->budget, 4);
  cr_assert_eq(handler->thread, 4711);
  cr_assert_eq(handler->priority, 10);
  cr_assert_eq(handler->bytes, 64 << 20);
  cr_assert_eq(handler->freed, 3 << 20);
  cr_assert_eq(handler->detail, 1500000);
  cr_assert_eq(handler->at, FAKE_STARTED_AT + FAKE_SECOND);
  cr_assert_eq(list.event[1].old_level, RATION_LEVEL_HIGH);
}

Test(event_list, has_what_is_not_of_budgets_but_no_samples, .init = fill, .fini = tear_down) {
  segment.events[3].what = RATION_EVENT_SAMPLE | UINT64_C(4) << 24;
  segment.events[5].what = RATION_EVENT_THREAD_END;
  memcpy(&segment.events[5].limit, "0123456789abcdefnot of it", 24);
  segment.events[6].what = RATION_EVENT_MARK;
  memcpy(&segment.events[6].limit, "0123456789abcdefghijklmn", 24);
  segment.events[7].what = RATION_EVENT_CATEGORY; /* of none */
  check_tickets(5, (uint64_t[]){5, 6, 8, 9, 12});
  char name[RATION_EVENT_MARK_BYTES + 1];
  event_list_name(&list.event[0], name);
  cr_assert_str_eq(name, "0123456789abcdef");
  event_list_name(&list.event[1], name);
  cr_assert_str_eq(name, "0123456789abcdefghijklmn");
}

Test(event_list, of_an_older_segment_is_empty, .fini = tear_down) {
  fake_segment_fill(&segment);
  check_tickets(0, NULL);
  cr_assert_eq(list.lost + list.overwritten, 0);
  fake_segment_add_tables(&segment);
  check_tickets(0, NULL);
}

Test(event_list, passes_over_slots_that_cannot_be, .init = fill, .fini = tear_down) {
  segment.events[3].sequence = 2 * 4 + 2;  /* another slot's ticket */
  segment.events[5].sequence = UINT64_MAX; /* odd */
  segment.events[6].sequence = 0;          /* never written */
  segment.events[7].what = 99;             /* a kind of a later minor */
  segment.events[0].what = RATION_EVENT_HANDLER | RATION_LEVELS << 8 | UINT64_C(4) << 24;
  segment.events[1].what = RATION_EVENT_BREACH; /* no category */
  segment.events[4].what = RATION_EVENT_BREACH | UINT64_C(0xff) << 24;
  check_tickets(0, NULL);
  segment.events[4].what = RATION_EVENT_BREACH | (uint64_t)RATION_CATEGORY_LAST << 24;
  segment.events[4].who = UINT64_MAX;
  check_tickets(1, (uint64_t[]){12});
  cr_assert_eq(list.event[0].priority, -1);
}

/* A mark has no category; its name may hold any bytes. */
Test(event_list, has_marks, .init = fill, .fini = tear_down) {
  segment.events[7].what = RATION_EVENT_MARK;
  segment.events[7].bytes = 42;
  segment.events[7].limit = segment.events[7].freed = segment.events[7].detail = UINT64_MAX;
  cr_assert_eq(read_segment(), 0, "%s", fault.words);
  const struct event_facts *mark = NULL;
  for (size_t i = 0; i < list.count; i++)
    if (list.event[i].kind == RATION_EVENT_MARK) mark = &list.event[i];
  cr_assert_not_null(mark);
  cr_assert_eq(mark->ticket, 7);
  cr_assert_eq(mark->bytes, 42);
  cr_assert_eq(mark->limit & mark->freed & mark->detail, UINT64_MAX);
}

Test(event_list, believes_no_count, .init = fill, .fini = tear_down) {
  segment.process.events_next = UINT64_MAX;
  segment.process.events_lost = UINT64_MAX;
  check_tickets(7, (uint64_t[]){3, 5, 6, 7, 8, 9, 12});
  cr_assert_eq(list.overwritten, 0);
  segment.process.events_next = 0;
  check_tickets(7, (uint64_t[]){3, 5, 6, 7, 8, 9, 12});
  cr_assert_eq(list.lost, 0);
}

Test(event_list, refuses_a_ring_beyond_all_bounds, .init = fill) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  file.bytes = UINT64_C(1) << 40;
  cr_assert_eq(ftruncate(file.fd, (off_t)file.bytes), 0);
  segment.header.segment_bytes = file.bytes;
  segment.header.tables[FAKE_TABLES + 3].rows = UINT64_C(1) << 30;
  cr_assert_eq(pwrite(file.fd, &segment.header, sizeof segment.header, 0), (ssize_t)sizeof segment.header);
  cr_assert_eq(event_list_read(&file, &list, &fault), -EBADMSG);
  cr_assert_str_eq(fault.words, "corrupted: a ring of 1073741824 events; nothing can be read");
  segment_file_close(&file);
}

Test(event_list, survives_random_rings, .init = fill) {
  srand(3);
  for (int round = 0; round < 500; round++) {
    unsigned char *bytes = (unsigned char *)segment.events;
    for (int i = 0; i < 64; i++) bytes[(size_t)rand() % sizeof segment.events] = (unsigned char)rand();
    cr_assert_eq(read_segment(), 0, "%s", fault.words);
    for (size_t i = 0; i < list.count; i++) {
      cr_assert(list.event[i].level < RATION_LEVELS && list.event[i].old_level < RATION_LEVELS);
      cr_assert(i == 0 || list.event[i].ticket > list.event[i - 1].ticket);
    }
    event_list_free(&list);
  }
}

/* Writes laps of the ring, by the rules of segment.h, until told to end: every word of an event is its ticket. */
struct writing {
  int fd;
  int is_over; /* atomic */
};

static void *write_laps(void *context) {
  struct writing *writing = context;
  for (uint64_t ticket = 0; !__atomic_load_n(&writing->is_over, __ATOMIC_RELAXED); ticket++) {
    off_t at =
        (off_t)(offsetof(struct fake_segment, events) + ticket % FAKE_EVENTS * sizeof segment.events[0]);
    uint64_t odd = 2 * ticket + 1, even = odd + 1;
    struct ration_segment_event event = {.at = ticket,
                                         .what = RATION_EVENT_BREACH | UINT64_C(1) << 24,
                                         .bytes = ticket,
                                         .limit = ticket,
                                         .freed = ticket,
                                         .detail = ticket};
    const off_t behind = sizeof event.sequence;
    if (pwrite(writing->fd, &odd, sizeof odd, at) != sizeof odd) return context;
    if (pwrite(writing->fd, (const char *)&event + behind, sizeof event - (size_t)behind, at + behind) < 0)
      return context;
    if (pwrite(writing->fd, &even, sizeof even, at) != sizeof even) return context;
  }
  return NULL;
}

Test(event_list, has_no_event_that_is_torn, .init = fill) {
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  struct writing writing = {.fd = file.fd};
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, write_laps, &writing), 0);
  size_t seen = 0;
  for (int round = 0; round < 3000 || seen == 0; /* the writer may come late */ round++) {
    cr_assert_eq(event_list_read(&file, &list, &fault), 0, "%s", fault.words);
    for (size_t i = 0; i < list.count; i++) {
      const struct event_facts *event = &list.event[i];
      if (event->kind != RATION_EVENT_BREACH || event->limit == 1 << 20) continue; /* of before */
      cr_assert(event->at == event->ticket && event->bytes == event->ticket &&
                event->detail == event->ticket);
      seen++;
    }
    event_list_free(&list);
  }
  __atomic_store_n(&writing.is_over, 1, __ATOMIC_RELAXED);
  void *failed;
  cr_assert_eq(pthread_join(thread, &failed), 0);
  cr_assert_null(failed);
  cr_assert_gt(seen, 0);
  segment_file_close(&file);
}
