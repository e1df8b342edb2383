/*
 * killed_life.c: see killed_life.h. One thread runs at a time, so that what it holds at each test point is known.
 */
#include "track/killed_life.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/test_point.h"
#include "model/pools.h"
#include "model/timeline.h"
#include "track/accounts.h"
#include "track/charging.h"
#include "track/control.h"
#include "track/dump.h"
#include "track/happening.h"
#include "track/report.h"
#include "track/segment_name.h"
#include "track/slab.h"
#include "track/tracked.h"

#define SLACK 64 /* more than either heap gives beside what is asked for, of small blocks */

static struct ledger *ledger;
static struct ledger *childs;
static const char *deadly;
static unsigned left; /* times that it is survived */

static void die_there(const char *point) {
  if (strcmp(point, deadly) == 0 && left-- == 0) kill(getpid(), SIGKILL);
}

/* ---- blocks --------------------------------------------------------------------------------------------- */

static void begin(uint64_t bytes) {
  ledger->moving_bytes = bytes;
  ledger->is_moving = 1;
}

static void end(void) {
  ledger->is_moving = 0;
  ledger->moving_bytes = 0;
}

static void enter(uint32_t category, void *block, int sign) {
  uint64_t usable = heap_usable(block);
  ledger->blocks[category] += (uint64_t)sign;
  ledger->bytes[category] += (uint64_t)sign * usable;
  if (heap_whose(block) == RATION_TAG_SAMPLED) ledger->sampled_bytes[category] += (uint64_t)sign * usable;
}

static void *hold(uint32_t category, size_t size) {
  begin(size + size / 4 + SLACK);
  void *block = tracked_hold(category, size);
  if (block) enter(category, block, 1);
  end();
  return block;
}

static void *resize(uint32_t category, void *block, size_t size) {
  enter(category, block, -1);
  uint64_t old = heap_usable(block);
  begin(old + size + size / 4 + SLACK);
  ledger->blocks[category]++;
  ledger->bytes[category] += old;
  void *moved = tracked_realloc(block, size);
  ledger->blocks[category]--;
  ledger->bytes[category] -= old;
  enter(category, moved, 1);
  end();
  return moved;
}

/* As free(3) of the shim: the fast path first. */
static void release(uint32_t category, void *block) {
  begin(heap_usable(block));
  enter(category, block, -1);
  struct ration_segment_tally *tallies = slab_is_ready() ? thread.record->tallies : NULL;
  int is_fast = tallies && heap_is_libc() && !page_heap_find(block);
  if (is_fast && track_may_uncount(block, tallies))
    next.free(block);
  else
    tracked_free(block);
  end();
}

/* Of all sizes, and so many that batches come and go. */
static void churn(uint32_t category, size_t count, size_t size) {
  void *blocks[64];
  for (size_t i = 0; i < count; i++) blocks[i] = hold(category, size + 16 * i);
  for (size_t i = 0; i < count; i += 2) blocks[i] = resize(category, blocks[i], 3 * size);
  for (size_t i = 0; i < count; i++) release(category, blocks[i]);
}

/* More than a page of the page heap has. */
static void fill_pages(uint32_t category) {
  void *blocks[300];
  for (size_t i = 0; i < 300; i++) blocks[i] = hold(category, 300);
  for (size_t i = 0; i < 300; i++) release(category, blocks[i]);
}

/* ---- parts of a life ------------------------------------------------------------------------------------ */

/* As if it had been another program before, whose segment nobody will read. */
static void leave_earlier_image(const char *folder) {
  struct process_identity who;
  process_identify(&who);
  struct segment_name name = {
      .pid_namespace = who.pid_namespace, .pid = who.pid, .start_ticks = who.start_ticks};
  char text[SEGMENT_NAME_BYTES], path[256];
  segment_name_write(name, text);
  snprintf(path, sizeof path, "%s/%s", folder, text);
  struct ration_segment_header header = {.magic = RATION_SEGMENT_MAGIC,
                                         .version_major = RATION_SEGMENT_MAJOR};
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  cr_assert(descriptor >= 0 && write(descriptor, &header, sizeof header) == (ssize_t)sizeof header);
  close(descriptor);
}

static void ask(const char *text) {
  uint64_t writing = segment.control->asked | 1;
  segment.control->asked = writing;
  strcpy(segment.control->text, text);
  segment.control->asked = writing + 1;
  control_take_up();
  cr_assert_eq(segment.control->result, RATION_ANSWER_TAKEN, "%s", segment.control->why);
}

static void *run_thread(void *category) {
  churn(*(uint32_t *)category, 8, 1000);
  slab_thread_ended();
  return NULL;
}

/* Two, one after the other: the second takes the slab of the first. */
static void start_threads(uint32_t category) {
  for (int i = 0; i < 2; i++) {
    pthread_t other;
    begin(0);
    cr_assert_eq(pthread_create(&other, NULL, run_thread, &category), 0);
    pthread_join(other, NULL);
    end();
  }
}

static void set_aside(uint32_t category) {
  begin(0);
  cr_assert_eq(charging_set_aside(category, 100000), 0);
  end();
  void *block = hold(category, 30000), *small = hold(category, 100);
  begin(0);
  charging_drop_aside(category, 100000);
  end();
  release(category, block);
  release(category, small);
}

/* Up to a refusal, by way of each level. */
static void meet_budget(uint32_t category) {
  void *blocks[300];
  size_t count = 0;
  ask("tight=256K,tight.policy=refuse,a=1G");
  while ((blocks[count] = hold(category, 1000 + 100 * count))) count++;
  cr_assert_gt(count, 10);
  while (count > 0) release(category, blocks[--count]);
}

static void use_lists(uint32_t category) {
  begin(0);
  cr_assert_eq(accounts_add(category, 5000), 0);
  int pool = pools_register(&segment, "pool", category, 48);
  cr_assert_gt(pool, 0);
  cr_assert_eq(pools_update(&segment, pool, &(struct pool_figures){.used = 1, .reserved = 2, .peak = 1}), 0);
  happening_note((struct event){.kind = RATION_EVENT_MARK});
  end();
}

/* Two categories that have the same at each point, and stand in different rows of it. */
struct pair {
  uint32_t near, far;
};

static struct pair add_pair(void) {
  struct pair pair = {.near = tracked_category(KILLED_NEAR)};
  char path[32];
  for (int i = 0; i < RATION_TIMELINE_STRIP; i++) {
    snprintf(path, sizeof path, "pair/%d", i);
    tracked_category(path);
  }
  pair.far = tracked_category(KILLED_FAR);
  return pair;
}

static void grow(uint32_t category) {
  struct charge_outcome outcome = {0};
  struct charge_change change = {.bytes = 4096};
  cr_assert_eq(category_charge(&segment, category, change, (struct charge_right){0}, &outcome), 0);
  ledger->bytes[category] += 4096;
}

static void note_at(struct pair pair, uint64_t now) {
  grow(pair.near);
  grow(pair.far);
  timeline_note(&segment, 0, now);
}

/* As in half an hour: points of the whole life are halved, the oldest of which are in no other row any more. */
static void grow_old(void) {
  begin(4096);
  struct pair pair = add_pair();
  uint64_t now = process_monotonic_ns();
  for (int i = 0; i < RATION_TIMELINE_LIFE - 2; i++) note_at(pair, now += UINT64_C(1000000000));
  for (int i = 0; i < RATION_TIMELINE_FINE; i++) note_at(pair, now += UINT64_C(10000000));
  for (int i = 0; i < 3; i++) note_at(pair, now += UINT64_C(1000000000));
  end();
}

_Noreturn static void live_as_child(uint32_t category) {
  const struct ledger *parents = ledger;
  *childs = *parents;
  ledger = childs;
  ledger->pid = getpid();
  ledger->is_ready = 0;
  churn(category, 4, 500);
  ledger->is_ready = 1;
  churn(category, 8, 2000);
  _exit(0);
}

static void fork_child(uint32_t category) {
  void *block = hold(category, 777);
  begin(0);
  pid_t child = fork();
  cr_assert_geq(child, 0);
  if (child == 0) live_as_child(category);
  cr_assert_eq(waitpid(child, NULL, 0), child);
  end();
  release(category, block);
}

_Noreturn static void end_life(void) {
  begin(0);
  dump_once();
  report_at_exit();
  segment_home_close(&segment);
  _exit(0);
}

void killed_live(struct ledgers *ledgers, const char *folder, struct death death) {
  char options[256];
  snprintf(options, sizeof options, "sample=1,heap=%s,report=%s/report", death.heap, folder);
  setenv("RATION_DIR", folder, 1);
  setenv("RATION_OPTIONS", options, 1);
  process_needs_interposition = 0;
  ledger = &ledgers->of_parent;
  childs = &ledgers->of_child;
  ledger->pid = getpid();
  leave_earlier_image(folder);
  deadly = death.point;
  left = death.survived;
  test_point_hook = die_there;
  begin(0);
  cr_assert_eq(process_ready(), PROCESS_TRACKING);
  ledger->is_ready = 1;
  end();

  begin(0);
  uint32_t outer = tracked_category("a"), inner = tracked_category("a/b"), tight = tracked_category("tight");
  end();
  sampling_switch(0);
  churn(inner, 32, 300);
  ledger->is_libc = (uint32_t)heap_is_libc();
  sampling_switch(1);
  churn(outer, 32, 300);
  start_threads(inner);
  set_aside(inner);
  use_lists(outer);
  fork_child(inner);
  meet_budget(tight);
  churn(inner, 8, 50000);
  fill_pages(inner);
  grow_old();
  end_life();
}
