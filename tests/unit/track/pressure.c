/*
 * pressure.c: tests of src/track/pressure.c and outside.c: levels, events, and what comes from elsewhere.
 */
#include "track/pressure.h"

#include <errno.h>

#include "model/event_ring.h"
#include "os/limits.h"
#include "track/budgets.h"
#include "track/handlers.h"
#include "track/outside.h"
#include "track/scope.h"
#include "track/tracked.h"

#define LIMIT (UINT64_C(1) << 20)

static void set(uint32_t category, uint64_t limit, uint32_t policy) {
  struct budget_spec spec = {.category = category, .policy = policy, .limit = {LIMIT_BYTES, limit}};
  cr_assert_null(budgets_change_one(&spec));
}

static uint64_t next_event;

/* Those that tell of something else are passed over. */
static void skip_others(void) {
  while (next_event < segment.process->events_next &&
         (segment.events[next_event % SEGMENT_EVENTS].what & 0xff) > RATION_EVENT_HANDLER)
    next_event++;
}

/* The next event is of this kind and category, at this level, which was that one before. */
static void expect_event(uint64_t kind, uint32_t category, uint64_t level, uint64_t old_level) {
  skip_others();
  const struct ration_segment_event *event = &segment.events[next_event % SEGMENT_EVENTS];
  cr_assert_eq(event->sequence, 2 * next_event + 2, "there is an event %lu", (unsigned long)next_event);
  next_event++;
  cr_expect_eq(event->what & 0xff, kind, "%lx", (unsigned long)event->what);
  cr_expect_eq(event->what >> 24 & 0xff, category, "%lx", (unsigned long)event->what);
  cr_expect_eq(event->what >> 8 & 0xff, level, "%lx", (unsigned long)event->what);
  cr_expect_eq(event->what >> 16 & 0xff, old_level, "%lx", (unsigned long)event->what);
  cr_expect_eq((uint32_t)event->who, process_thread_id());
}

static void expect_no_event(void) {
  skip_others();
  cr_expect_eq(segment.process->events_next, next_event, "%lu more",
               (unsigned long)(segment.process->events_next - next_event));
}

Test(pressure, puts_each_change_of_level_into_the_ring) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b");
  set(a, LIMIT, RATION_POLICY_NOTIFY);
  expect_no_event();
  void *block = tracked_hold(b, LIMIT / 10 * 7);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_LOW, RATION_LEVEL_NONE);
  cr_expect_eq(pressure_level(b), RATION_LEVEL_LOW);
  cr_expect_eq(pressure_own_level(b), RATION_LEVEL_NONE);
  cr_expect_eq(pressure_level(RATION_CATEGORY_TOTAL), RATION_LEVEL_NONE);
  void *more = tracked_hold(b, LIMIT);
  expect_event(RATION_EVENT_BREACH, a, RATION_LEVEL_LOW, RATION_LEVEL_LOW);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_CRITICAL, RATION_LEVEL_LOW);
  tracked_free(more);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_LOW, RATION_LEVEL_CRITICAL);
  tracked_free(block);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_NONE, RATION_LEVEL_LOW);
  expect_no_event();
}

Test(pressure, puts_refusals_into_the_ring_and_the_table) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b");
  set(a, LIMIT, RATION_POLICY_REFUSE);
  for (int i = 0; i < 3; i++) {
    cr_expect_null(tracked_hold(b, LIMIT + 5));
    skip_others();
    const struct ration_segment_event *event = &segment.events[next_event];
    cr_expect_eq(event->bytes, LIMIT + 5);
    cr_expect_eq(event->limit, LIMIT);
    cr_expect_eq(event->what >> 32 & 0xff, a);
    expect_event(RATION_EVENT_REFUSAL, b, RATION_LEVEL_NONE, RATION_LEVEL_NONE);
  }
  expect_no_event();
  uint64_t requests = 0, rows = 0;
  for (int i = 0; i < SEGMENT_REFUSALS_MOST; i++) {
    const struct ration_segment_refusal *row = &segment.refusals[i];
    if (!row->key) continue;
    rows++;
    requests += row->requests;
    cr_expect_eq(row->key >> 48 & 0xff, b);
    cr_expect_eq(row->key >> 56, a);
    cr_expect_eq(row->bytes, 3 * (LIMIT + 5));
    cr_expect_str_eq(row->module, identity.program);
  }
  cr_expect_eq(rows, 1);
  cr_expect_eq(requests, 3);
}

Test(pressure, can_be_pretended) {
  tracked_start();
  uint32_t a = tracked_category("a");
  cr_expect_eq(pressure_simulate(a, RATION_LEVEL_HIGH), -ENOENT);
  set(a, LIMIT, RATION_POLICY_NOTIFY);
  cr_expect_eq(pressure_simulate(a, RATION_LEVEL_HIGH), 0);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_HIGH, RATION_LEVEL_NONE);
  cr_expect_eq(pressure_level(a), RATION_LEVEL_HIGH);
  cr_expect_eq(pressure_simulate(a, RATION_LEVEL_HIGH), 0);
  cr_expect_eq(pressure_simulate(a, -1), 0);
  expect_event(RATION_EVENT_PRESSURE, a, RATION_LEVEL_NONE, RATION_LEVEL_HIGH);
  expect_no_event();
}

Test(pressure, keeps_errno) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, RATION_POLICY_NOTIFY);
  for (int i = 0; i < 10; i++) {
    errno = 77;
    void *block = tracked_hold(a, LIMIT / 10 * 8 + (size_t)i * 60000);
    cr_expect_eq(errno, 77);
    tracked_free(block);
    cr_expect_eq(errno, 77);
  }
}

/* Freeing crosses an edge downward where there is no page for its event. */
static int no_memory(void *memory, size_t bytes) {
  errno = ENOMEM;
  return memory && bytes ? -ENOMEM : 0;
}

#define EVENTS_OF_A_PAGE (4096 / sizeof(struct ration_segment_event))

Test(pressure, keeps_errno_where_there_is_no_memory) {
  tracked_start();
  uint32_t a = tracked_category("a");
  tracked_free(tracked_hold(a, 100));
  set(a, LIMIT, RATION_POLICY_NOTIFY);
  while (segment.process->events_next % EVENTS_OF_A_PAGE != 0)
    event_ring_put(&segment, &(struct event){.kind = RATION_EVENT_MARK});
  segment.make_present = no_memory;
  errno = 77;
  void *block = tracked_hold(a, LIMIT);
  cr_expect_eq(errno, 77);
  tracked_free(block);
  cr_expect_eq(errno, 77);
  cr_expect_gt(segment.process->events_lost, 0);
}

/* ---- from outside --------------------------------------------------------------------------------------- */

static char folder[64];

static void put(const char *name, const char *words) {
  char command[1024];
  snprintf(command, sizeof command,
           "mkdir -p %s/proc/self %s/proc/pressure %s/sys/fs/cgroup && echo '%s' >%s/%s", folder, folder,
           folder, words, folder, name);
  cr_assert_eq(system(command), 0);
}

static void begin(const char *options) {
  snprintf(folder, sizeof folder, "/tmp/ration-unit-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  put("proc/self/cgroup", "0::/");
  put("sys/fs/cgroup/memory.max", "10000");
  put("sys/fs/cgroup/memory.current", "100");
  limits_set_root(folder);
  setenv("RATION_OPTIONS", options, 1);
  tracked_start();
}

static void end(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  cr_assert_eq(system(command), 0);
}

static uint32_t outside_calls;

static uint64_t count_call(const struct ration_pressure *pressure, void *unused) {
  (void)unused;
  outside_calls += pressure->level == RATION_LEVEL_CRITICAL;
  return 0;
}

static void expect_outside(uint32_t level) {
  usleep(1010000); /* at most one look a second */
  outside_look();
  cr_expect_eq(pressure_level(RATION_CATEGORY_TOTAL), level, "%u, not %u",
               pressure_level(RATION_CATEGORY_TOTAL), level);
}

/* There is no budget at all: the total has a level all the same, and those who wait for it are called. */
Test(pressure, of_the_cgroup_raises_the_totals_level) {
  begin("outside=cgroup");
  struct ration_handler handler = {.size = sizeof handler,
                                   .category = tracked_category("a"),
                                   .lowest_level = RATION_LEVEL_CRITICAL,
                                   .dispatch = RATION_DISPATCH_POLLED,
                                   .function = count_call};
  cr_assert_gt(handlers_register(&handler), 0);
  outside_look();
  cr_expect_eq(handlers_run_due(RATION_DISPATCH_POLLED), 0);
  put("sys/fs/cgroup/memory.current", "9600");
  expect_outside(RATION_LEVEL_CRITICAL);
  expect_event(RATION_EVENT_PRESSURE, RATION_CATEGORY_TOTAL, RATION_LEVEL_CRITICAL, RATION_LEVEL_NONE);
  cr_expect_eq(handlers_run_due(RATION_DISPATCH_POLLED), 1);
  cr_expect_eq(outside_calls, 1);
  put("sys/fs/cgroup/memory.high", "16000");
  expect_outside(RATION_LEVEL_LOW);
  put("sys/fs/cgroup/memory.current", "1");
  expect_outside(RATION_LEVEL_NONE);
  end();
}

Test(pressure, of_stalls_raises_the_totals_level) {
  begin("outside=psi,total=1G");
  put("proc/pressure/memory", "some avg10=9.99 avg60=0.00\nfull avg10=0.00 avg60=0.00");
  outside_look();
  cr_expect_eq(pressure_level(RATION_CATEGORY_TOTAL), RATION_LEVEL_LOW);
  put("proc/pressure/memory", "some avg10=10.00 avg60=0.00\nfull avg10=0.99 avg60=0.00");
  outside_look();
  cr_expect_eq(pressure_level(RATION_CATEGORY_TOTAL), RATION_LEVEL_LOW, "not within the second");
  expect_outside(RATION_LEVEL_MEDIUM);
  put("proc/pressure/memory", "some avg10=50.00 avg60=0.00\nfull avg10=10.00 avg60=0.00");
  expect_outside(RATION_LEVEL_CRITICAL);
  end();
}
