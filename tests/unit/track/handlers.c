/*
 * handlers.c: tests of src/track/handlers.c: who is called, when, in which order, and by whom.
 */
#include "track/handlers.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "os/clock.h"
#include "track/budgets.h"
#include "track/pressure.h"
#include "track/scope.h"
#include "track/tracked.h"
#include "track/worker.h"

#define LIMIT (UINT64_C(1) << 20)

static void set(uint32_t category, uint64_t limit, uint64_t reserve, uint32_t policy) {
  struct budget_spec spec = {.category = category,
                             .policy = policy,
                             .limit = {LIMIT_BYTES, limit},
                             .reserve = {reserve ? LIMIT_BYTES : LIMIT_NONE, reserve}};
  cr_assert_null(budgets_change_one(&spec));
}

static struct ration_handler handler_of(uint32_t category, int priority, int dispatch,
                                        ration_pressure_function *function, void *context) {
  return (struct ration_handler){.size = sizeof(struct ration_handler),
                                 .category = category,
                                 .priority = priority,
                                 .lowest_level = RATION_LEVEL_LOW,
                                 .dispatch = dispatch,
                                 .function = function,
                                 .context = context};
}

static int add(uint32_t category, int priority, int dispatch, ration_pressure_function *function,
               void *context) {
  struct ration_handler handler = handler_of(category, priority, dispatch, function, context);
  int handle = handlers_register(&handler);
  cr_assert_gt(handle, 0, "%d", handle);
  return handle;
}

/* ---- what is called ------------------------------------------------------------------------------------- */

static char called[64];
static size_t called_count;
static struct ration_pressure told;

static uint64_t note(const struct ration_pressure *pressure, void *letter) {
  told = *pressure;
  called[add_relaxed(&called_count, 1) % sizeof called] = (char)(uintptr_t)letter;
  return 0;
}

static void *letter(char name) {
  return (void *)(uintptr_t)name;
}

static int poll_now(void) {
  called_count = 0;
  memset(called, 0, sizeof called);
  return handlers_run_due(RATION_DISPATCH_POLLED);
}

Test(handlers, are_checked) {
  tracked_start();
  uint32_t a = tracked_category("a");
  struct ration_handler good = handler_of(a, 0, RATION_DISPATCH_POLLED, note, NULL), wrong;
  int handle = handlers_register(&good);
  cr_expect_gt(handle, 0);
  wrong = good, wrong.size--;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.category = a + 1;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.category = 0;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.lowest_level = RATION_LEVEL_NONE;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.lowest_level = RATION_LEVEL_CRITICAL + 1;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.dispatch = 0;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.dispatch = 4;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  wrong = good, wrong.function = NULL;
  cr_expect_eq(handlers_register(&wrong), -EINVAL);
  cr_expect_eq(handlers_unregister(handle), 0);
  cr_expect_eq(handlers_unregister(handle), -ENOENT);
  cr_expect_eq(handlers_unregister(0), -ENOENT);
  cr_expect_eq(handlers_unregister(-1), -ENOENT);
  cr_expect_eq(handlers_unregister(handle + 1), -ENOENT);
}

Test(handlers, are_64_at_most) {
  int handles[64];
  tracked_start();
  uint32_t a = tracked_category("a");
  struct ration_handler more = handler_of(a, 0, RATION_DISPATCH_POLLED, note, NULL);
  for (int i = 0; i < 64; i++) handles[i] = add(a, 0, RATION_DISPATCH_POLLED, note, NULL);
  cr_expect_eq(handlers_register(&more), -ENOSPC);
  cr_expect_eq(handlers_unregister(handles[7]), 0);
  int handle = handlers_register(&more);
  cr_expect_gt(handle, 0);
  cr_expect_neq(handle, handles[7]);
  cr_expect_eq(handlers_unregister(handles[7]), -ENOENT, "an old handle is nobody's");
}

Test(handlers, run_in_order_while_their_level_stands) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 10, RATION_DISPATCH_POLLED, note, letter('x'));
  add(b, -5, RATION_DISPATCH_POLLED, note, letter('b'));
  add(a, 1, RATION_DISPATCH_POLLED, note, letter('1'));
  add(a, 1, RATION_DISPATCH_POLLED, note, letter('2'));
  add(tracked_category("c"), 0, RATION_DISPATCH_POLLED, note, letter('c'));
  cr_expect_eq(poll_now(), 0, "no level stands");
  void *block = tracked_hold(b, LIMIT / 10 * 7);
  cr_expect_eq(poll_now(), 4);
  cr_expect_str_eq(called, "b12x");
  cr_expect_eq(told.level, RATION_LEVEL_LOW);
  cr_expect_eq(told.budget, a);
  cr_expect_eq(told.limit_bytes, LIMIT);
  uint64_t end = segment.budgets[a].level_bytes[0] - segment.budgets[a].fall_bytes;
  cr_expect_eq(told.used_bytes - told.wanted_bytes, end - 1, "%lu", (unsigned long)told.wanted_bytes);
  cr_expect_eq(poll_now(), 0, "not again for the same");
  void *more = tracked_hold(b, LIMIT / 10 * 2);
  cr_expect_eq(poll_now(), 4);
  cr_expect_eq(told.level, RATION_LEVEL_HIGH);
  tracked_free(block);
  tracked_free(more);
  cr_expect_eq(poll_now(), 0);
}

static void *to_be_freed;

static uint64_t free_it(const struct ration_pressure *pressure, void *name) {
  uint64_t bytes = to_be_freed ? heap_usable(to_be_freed) : 0;
  note(pressure, name);
  tracked_free(to_be_freed);
  to_be_freed = NULL;
  return bytes + 1000;
}

Test(handlers, end_when_the_level_does_and_are_held_to_what_they_claim) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 1, RATION_DISPATCH_POLLED, free_it, letter('1'));
  add(a, 2, RATION_DISPATCH_POLLED, note, letter('2'));
  to_be_freed = tracked_hold(a, LIMIT / 10 * 7);
  uint64_t bytes = heap_usable(to_be_freed);
  cr_expect_eq(poll_now(), 1);
  cr_expect_str_eq(called, "1");
  const struct ration_segment_handler *row = &segment.handlers[0];
  cr_expect_eq(row->calls, 1);
  cr_expect_eq(row->claimed_bytes, bytes + 1000);
  cr_expect_eq(row->freed_bytes, bytes, "%lu", (unsigned long)row->freed_bytes);
  cr_expect_leq(row->category_change_bytes, -(int64_t)bytes);
  cr_expect_eq(row->running_since_at, 0);
}

static uint64_t resize_only(const struct ration_pressure *pressure, void *block) {
  (void)pressure;
  *(void **)block = tracked_realloc(*(void **)block, 3000);
  *(void **)block = tracked_realloc(*(void **)block, 70000);
  return 0;
}

Test(handlers, have_not_freed_what_was_charged_ahead) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, 64 * LIMIT, 32 * LIMIT, RATION_POLICY_REFUSE);
  void *block = tracked_hold(a, 100), *large = tracked_hold(a, 20 * LIMIT);
  add(a, 1, RATION_DISPATCH_POLLED, resize_only, &block);
  cr_expect_eq(poll_now(), 1);
  cr_expect_eq(segment.handlers[0].freed_bytes, 0, "%lu", (unsigned long)segment.handlers[0].freed_bytes);
  tracked_free(block);
  tracked_free(large);
}

Test(handlers, catch_up_with_a_level_that_stands) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("a/b");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  void *block = tracked_hold(b, LIMIT / 10 * 9);
  int handle = add(a, 1, RATION_DISPATCH_POLLED, note, letter('1'));
  cr_expect_eq(poll_now(), 1);
  cr_expect_eq(poll_now(), 0);
  add(b, 2, RATION_DISPATCH_POLLED, note, letter('2'));
  cr_expect_eq(poll_now(), 1);
  cr_expect_str_eq(called, "2");
  cr_expect_eq(handlers_unregister(handle), 0);
  add(b, 1, RATION_DISPATCH_POLLED, note, letter('3'));
  cr_expect_eq(poll_now(), 1);
  cr_expect_str_eq(called, "3", "in the slot of one that has been called");
  tracked_free(block);
}

Test(handlers, are_called_again_when_usage_has_grown) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, 100 * LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 1, RATION_DISPATCH_POLLED, note, letter('1'));
  void *block = tracked_hold(a, 70 * LIMIT), *more = tracked_hold(a, 2 * LIMIT);
  cr_expect_eq(poll_now(), 1);
  uint64_t called_at = clock_ns();
  void *third = tracked_hold(a, 2 * LIMIT);
  int calls = poll_now();
  int wait_ms = handlers_wait_ms(RATION_DISPATCH_POLLED);
  if (clock_ns() - called_at < 100000000) { /* else others have kept this test waiting for so long */
    cr_expect_eq(calls, 0, "not within 100 ms");
    cr_expect_gt(wait_ms, 0);
  }
  usleep(110000);
  cr_expect_eq(calls + poll_now(), 1);
  cr_expect_eq(handlers_wait_ms(RATION_DISPATCH_POLLED), -1);
  tracked_free(block);
  tracked_free(more);
  tracked_free(third);
}

Test(handlers, are_kept_waiting_while_suppressed) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 1, RATION_DISPATCH_POLLED, note, letter('1'));
  handlers_suppress(1);
  void *block = tracked_hold(a, LIMIT / 10 * 9);
  cr_expect_eq(poll_now(), 0);
  handlers_suppress(0);
  cr_expect_eq(poll_now(), 1);
  tracked_free(block);
}

/* ---- before a refusal ----------------------------------------------------------------------------------- */

Test(handlers, before_a_refusal_run_until_it_fits) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, 16 * LIMIT, 0, RATION_POLICY_REFUSE);
  add(a, 1, RATION_DISPATCH_SYNCHRONOUS, note, letter('1'));
  add(a, 2, RATION_DISPATCH_SYNCHRONOUS, free_it, letter('2'));
  add(a, 3, RATION_DISPATCH_SYNCHRONOUS, note, letter('3'));
  to_be_freed = tracked_hold(a, 10 * LIMIT);
  void *block = tracked_hold(a, 9 * LIMIT);
  cr_expect_not_null(block, "the second one makes room");
  cr_expect_str_eq(called, "12");
  cr_expect_eq(told.level, RATION_LEVEL_CRITICAL);
  cr_expect_eq(segment.budgets[a].refused, 0);
  called_count = 0;
  memset(called, 0, sizeof called);
  cr_expect_null(tracked_hold(a, 9 * LIMIT));
  cr_expect_str_eq(called, "123", "all of them, and then it is refused");
  cr_expect_eq(segment.budgets[a].refused, 1);
  tracked_free(block);
}

/* A block may come out larger than was asked for, and charged ahead. */
Test(handlers, run_before_a_block_is_refused_for_its_slack) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, 16 * LIMIT, 0, RATION_POLICY_REFUSE);
  add(a, 1, RATION_DISPATCH_SYNCHRONOUS, free_it, letter('1'));
  to_be_freed = tracked_hold(a, 10 * LIMIT);
  struct demand demand = {.category = a, .bytes = 5 * LIMIT, .requested = 5 * LIMIT};
  cr_expect_eq(charging_take(demand), 0);
  cr_expect_eq(charging_settle(demand, 7 * LIMIT), 0);
  cr_expect_str_eq(called, "1");
  cr_expect_eq(segment.budgets[a].refused, 0);
  cr_expect_eq(charging_settle((struct demand){.category = a, .bytes = 7 * LIMIT}, 17 * LIMIT), -EDQUOT);
  charging_return_credit(a);
  cr_expect_eq(budget_used(&segment, a), 0);
}

static void *to_be_taken[8];

static uint64_t allocate_within(const struct ration_pressure *pressure, void *unused) {
  (void)unused;
  for (int i = 0; i < 8; i++) to_be_taken[i] = tracked_hold(pressure->category, 10000);
  return 0;
}

Test(handlers, may_use_the_reserve_and_are_not_run_within_themselves) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 50000, RATION_POLICY_REFUSE);
  add(a, 1, RATION_DISPATCH_SYNCHRONOUS, allocate_within, NULL);
  void *block = tracked_hold(a, LIMIT - 50000 - 4096);
  cr_expect_not_null(block);
  cr_expect_null(tracked_hold(a, 10000));
  int given = 0;
  for (int i = 0; i < 8; i++) given += to_be_taken[i] != NULL;
  cr_expect_eq(given, 5, "%d", given);
  for (int i = 0; i < 8; i++) tracked_free(to_be_taken[i]);
  tracked_free(block);
}

/* ---- fork in a handler ---------------------------------------------------------------------------------- */

static pid_t child;
static int is_raw, allocates_in_child;
static void *of_child;

static uint64_t fork_within(const struct ration_pressure *pressure, void *unused) {
  (void)unused;
  child = is_raw ? (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) : fork();
  if (child == 0 && allocates_in_child) of_child = tracked_hold(pressure->category, 100);
  return 0;
}

/* The child returns from the handler, goes on where it was, and ends well; its parent's segment is as it was. */
static void expect_child_lives(int dispatch) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_REFUSE);
  void *block = tracked_hold(a, LIMIT / 10 * 7);
  add(a, 1, dispatch, fork_within, NULL);
  if (dispatch == RATION_DISPATCH_SYNCHRONOUS)
    tracked_free(tracked_hold(a, LIMIT / 10 * 7));
  else
    handlers_run_due(dispatch);
  if (child == 0) {
    tracked_free(tracked_hold(a, 1000));
    tracked_free(of_child);
    _exit(segment_is_valid(&segment) ? 0 : 1);
  }
  int status = -1;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect_eq(status, 0, "%x", (unsigned)status);
  cr_expect_eq(segment.handlers[0].calls, 1, "%lu", (unsigned long)segment.handlers[0].calls);
  cr_expect_eq(segment.process->events_lost, 0);
  tracked_free(block);
}

Test(handlers, may_fork) {
  expect_child_lives(RATION_DISPATCH_POLLED);
}

Test(handlers, may_fork_before_a_refusal) {
  expect_child_lives(RATION_DISPATCH_SYNCHRONOUS);
}

Test(handlers, may_fork_and_allocate) {
  allocates_in_child = 1;
  expect_child_lives(RATION_DISPATCH_POLLED);
}

Test(handlers, may_fork_and_allocate_before_a_refusal) {
  allocates_in_child = 1;
  expect_child_lives(RATION_DISPATCH_SYNCHRONOUS);
}

Test(handlers, are_none_in_a_child_that_no_handler_of_fork_has_seen) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 1, RATION_DISPATCH_POLLED, note, letter('1'));
  pid_t raw = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  if (raw == 0) {
    void *block = tracked_hold(a, LIMIT / 10 * 9);
    int is_none = block && poll_now() == 0;
    _exit(!is_none);
  }
  int status = -1;
  cr_assert_eq(waitpid(raw, &status, 0), raw);
  cr_expect_eq(status, 0);
}

/* ---- threads -------------------------------------------------------------------------------------------- */

static uint32_t deferred_calls, is_over, wrong_calls;

static uint64_t count_deferred(const struct ration_pressure *pressure, void *unused) {
  (void)unused, (void)pressure;
  add_relaxed(&deferred_calls, 1);
  return 0;
}

Test(handlers, deferred_run_within_10_ms, .timeout = 60) {
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(a, 1, RATION_DISPATCH_DEFERRED, count_deferred, NULL);
  int late = 0;
  for (uint32_t i = 1; i <= 200; i++) {
    void *block = tracked_hold(a, LIMIT / 10 * 9);
    int waits = 0;
    for (; load_relaxed(&deferred_calls) < i && waits < 5000; waits++) usleep(100);
    late += waits > 100;
    cr_assert_lt(waits, 5000, "call %u never came", i);
    tracked_free(block);
    usleep(i % 7 * 100);
  }
  cr_expect_lt(late, 100);
}

static uint64_t expect_polled(const struct ration_pressure *pressure, void *unused) {
  (void)unused, (void)pressure;
  if (process_thread_id() != process_id())
    add_relaxed(&wrong_calls, 1); /* polled by the first thread alone */
  return 0;
}

static uint64_t expect_deferred(const struct ration_pressure *pressure, void *unused) {
  (void)unused, (void)pressure;
  if (process_thread_id() == process_id()) add_relaxed(&wrong_calls, 1);
  return 0;
}

/* Slots change hands between the two kinds all the time. */
static void *come_and_go(void *category) {
  while (!load_relaxed(&is_over)) {
    uint32_t id = (uint32_t)(uintptr_t)category;
    struct ration_handler polled = handler_of(id, 1, RATION_DISPATCH_POLLED, expect_polled, NULL);
    struct ration_handler deferred = handler_of(id, 1, RATION_DISPATCH_DEFERRED, expect_deferred, NULL);
    int handle = handlers_register(&deferred);
    if (handle > 0) handlers_unregister(handle);
    handle = handlers_register(&polled);
    if (handle > 0) handlers_unregister(handle);
  }
  return NULL;
}

Test(handlers, run_as_they_were_registered_while_others_come_and_go, .timeout = 60) {
  pthread_t threads[2];
  tracked_start();
  uint32_t a = tracked_category("a");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  for (int i = 0; i < 2; i++)
    cr_assert_eq(pthread_create(&threads[i], NULL, come_and_go, (void *)(uintptr_t)a), 0);
  for (int i = 0; i < 3000; i++) {
    void *block = tracked_hold(a, LIMIT / 10 * 9);
    handlers_run_due(RATION_DISPATCH_POLLED);
    tracked_free(block);
  }
  store_relaxed(&is_over, 1);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  cr_expect_eq(wrong_calls, 0, "%u", wrong_calls);
}

static uint32_t fresh_calls;

static uint64_t count_fresh(const struct ration_pressure *pressure, void *unused) {
  (void)unused, (void)pressure;
  add_relaxed(&fresh_calls, 1);
  return 0;
}

/* A level that stands is told to whoever registers, however busy the worker is. */
Test(handlers, that_come_while_others_run_are_told, .timeout = 60) {
  tracked_start();
  uint32_t a = tracked_category("a"), b = tracked_category("b");
  set(a, LIMIT, 0, RATION_POLICY_NOTIFY);
  set(b, LIMIT, 0, RATION_POLICY_NOTIFY);
  add(b, 1, RATION_DISPATCH_DEFERRED, count_deferred, NULL);
  void *block = tracked_hold(a, LIMIT / 10 * 9);
  for (int i = 0; i < 2000; i++) {
    void *other = tracked_hold(b, LIMIT / 10 * 9); /* wakes the worker */
    int waits = 0;
    struct ration_handler fresh = handler_of(a, 1, RATION_DISPATCH_DEFERRED, count_fresh, NULL);
    store_relaxed(&fresh_calls, 0);
    int handle = handlers_register(&fresh);
    cr_assert_gt(handle, 0);
    while (!load_relaxed(&fresh_calls) && waits < 20000) waits++, usleep(100);
    cr_assert_lt(waits, 20000, "the one of round %d was never called", i);
    cr_assert_eq(handlers_unregister(handle), 0);
    tracked_free(other);
  }
  tracked_free(block);
}
