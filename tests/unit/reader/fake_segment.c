/*
 * fake_segment.c: segments for tests, by hand.
 */
#include "reader/fake_segment.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/hash.h"
#include "reader/procfs.h"

#define ROOM (UINT64_C(1) << 30) /* of what all tests write, with much to spare */

static void fill_identity(struct ration_segment_header *header);
static void add_category(struct fake_segment *segment, uint16_t id, uint16_t parent, uint8_t depth,
                         const char *name);
static void add_rule(struct fake_segment *segment, uint32_t number, uint16_t category, uint16_t kind,
                     const char *text);
static void charge(struct ration_segment_category *row, uint64_t own, uint64_t subtree, uint64_t peak);
static void add_budget_rows(struct fake_segment *segment);
static void add_handlers(struct fake_segment *segment);
static void add_event(struct fake_segment *segment, uint64_t ticket, uint64_t what, uint64_t bytes,
                      uint64_t limit, uint64_t detail);
static void write_all(int fd, const void *bytes, size_t size);

void fake_segment_fill(struct fake_segment *ret_segment) {
  struct fake_segment *segment = ret_segment;
  memset(segment, 0, sizeof *segment);
  struct ration_segment_header *header = &segment->header;
  header->version_major = RATION_SEGMENT_MAJOR;
  header->header_bytes = sizeof *header;
  header->segment_bytes = sizeof *segment;
  header->tables[0] = (struct ration_segment_table){.kind = RATION_TABLE_CATEGORIES,
                                                    .stride = sizeof segment->rows[0],
                                                    .offset = offsetof(struct fake_segment, rows),
                                                    .rows = FAKE_ROWS};
  header->tables[1] = (struct ration_segment_table){.kind = RATION_TABLE_SLABS,
                                                    .stride = sizeof segment->slabs[0],
                                                    .offset = offsetof(struct fake_segment, slabs),
                                                    .rows = FAKE_SLABS};
  fill_identity(header);
  add_category(segment, 1, 0, 0, "total");
  add_category(segment, 2, 1, 1, "other");
  add_category(segment, 3, 1, 1, "lib");
  add_category(segment, 4, 3, 2, "lib/a.so");

  const uint64_t a = FAKE_A_LIVE + FAKE_A_CREDIT, other = FAKE_OTHER_LIVE;
  const uint64_t allowance = UINT64_C(1) << RATION_CHARGE_BYTES_BITS; /* one unit */
  charge(&segment->rows[1], 0, (a + other) | allowance, (FAKE_A_PEAK + other) | allowance);
  charge(&segment->rows[2], other, other, other);
  charge(&segment->rows[3], 0, a | allowance, FAKE_A_PEAK | allowance);
  charge(&segment->rows[4], a | allowance, a | allowance, FAKE_A_PEAK | allowance);
  segment->rows[1].own_peak = 0;
  segment->rows[3].own_peak = 0;

  segment->slabs[1].u.head.owner = (uint32_t)getpid();
  segment->slabs[1].u.tally[4] = (struct ration_segment_tally){.credit = FAKE_A_CREDIT,
                                                               .allowance = RATION_CHARGE_UNIT,
                                                               .allocations = FAKE_A_ALLOCATIONS,
                                                               .frees = FAKE_A_FREES,
                                                               .reallocations = 7,
                                                               .allocated_bytes = 100000,
                                                               .requested_bytes = 95000};
  segment->slabs[0].u.tally[2] = (struct ration_segment_tally){
      .allocations = FAKE_OTHER_BLOCKS, .allocated_bytes = FAKE_OTHER_LIVE, .requested_bytes = 450};
  header->magic = RATION_SEGMENT_MAGIC;
}

void fake_segment_add_tables(struct fake_segment *segment) {
  struct ration_segment_header *header = &segment->header;

  const struct ration_segment_table tables[] = {
      {RATION_TABLE_PROCESS, sizeof segment->process, offsetof(struct fake_segment, process), 1},
      {RATION_TABLE_CONTROL, sizeof segment->control, offsetof(struct fake_segment, control), 1},
      {RATION_TABLE_ACCOUNTS, sizeof segment->accounts[0], offsetof(struct fake_segment, accounts),
       RATION_CATEGORY_IDS},
      {RATION_TABLE_RANGES, sizeof segment->ranges[0], offsetof(struct fake_segment, ranges), FAKE_RANGES},
      {RATION_TABLE_RULES, sizeof segment->rules[0], offsetof(struct fake_segment, rules), FAKE_RULES},
      {RATION_TABLE_TEXT, 64, offsetof(struct fake_segment, text), FAKE_TEXT_BYTES / 64},
  };
  memcpy(&header->tables[FAKE_FIRST_TABLE], tables, sizeof tables);
  add_rule(segment, 0, 4, RATION_RULE_LIB, FAKE_RULE_MATCHED);
  add_rule(segment, 1, 3, RATION_RULE_FN, FAKE_RULE);
  segment->rules[0].is_matched = 1;
  segment->accounts[4] =
      (struct ration_segment_account){.live_bytes = FAKE_ACCOUNT_LIVE, .peak_bytes = FAKE_ACCOUNT_PEAK};
  segment->ranges[0] =
      (struct ration_segment_range){.start = 0x10000, .bytes = 8192, .kind = RATION_RANGE_SHIM};
  segment->ranges[2] = (struct ration_segment_range){
      .start = 0x20000, .bytes = 4096, .kind = RATION_RANGE_STACK, .owner = (uint32_t)getpid()};
  segment->process = (struct ration_segment_process){.memory = 1,
                                                     .unwind = RATION_UNWIND_LIBUNWIND,
                                                     .unwind_asked = RATION_UNWIND_LIBUNWIND,
                                                     .range_count = 3,
                                                     .rules_count = 2};
}

void fake_segment_add_budgets(struct fake_segment *segment) {
  const struct ration_segment_table tables[] = {
      {RATION_TABLE_BUDGETS, sizeof segment->budgets[0], offsetof(struct fake_segment, budgets), FAKE_ROWS},
      {RATION_TABLE_REFUSALS, sizeof segment->refusals[0], offsetof(struct fake_segment, refusals),
       FAKE_REFUSALS},
      {RATION_TABLE_HANDLERS, sizeof segment->handlers[0], offsetof(struct fake_segment, handlers),
       FAKE_HANDLERS},
      {RATION_TABLE_EVENTS, sizeof segment->events[0], offsetof(struct fake_segment, events), FAKE_EVENTS},
  };
  memcpy(&segment->header.tables[FAKE_TABLES], tables, sizeof tables);

  segment->process.started_at = FAKE_STARTED_AT;
  segment->process.events_next = 13;
  segment->process.events_lost = 1;
  segment->slabs[1].u.tally[4].refused = 3;
  add_budget_rows(segment);
  add_handlers(segment);
  const uint64_t of_a = UINT64_C(4) << 24 | UINT64_C(4) << 32;
  add_event(segment, 3, RATION_EVENT_PRESSURE | 1 << 8 | of_a, 48000, 80000, 0);
  add_event(segment, 5, RATION_EVENT_PRESSURE | 4 << 8 | 3 << 16 | of_a, 79000, 80000, 0);
  add_event(segment, 6, RATION_EVENT_REFUSAL | 4 << 8 | of_a, 4096, 80000, FAKE_ASKER);
  add_event(segment, 7, RATION_EVENT_REFUSAL | 4 << 8 | of_a, 8192, 80000, FAKE_ASKER);
  add_event(segment, 8, RATION_EVENT_HANDLER | 4 << 8 | of_a, 64 << 20, 8 << 20, 1500000);
  segment->events[8 % FAKE_EVENTS].freed = 3 << 20;
  segment->events[8 % FAKE_EVENTS].who |= UINT64_C(10) << 32;
  add_event(segment, 9, RATION_EVENT_BREACH | 4 << 8 | UINT64_C(1) << 24 | UINT64_C(1) << 32, 2 << 20,
            1 << 20, 0);
  add_event(segment, 10, RATION_EVENT_BREACH, 1, 1, 0);
  segment->events[10 % FAKE_EVENTS].sequence = 2 * 10 + 1;
  add_event(segment, 12, RATION_EVENT_PRESSURE | 3 << 8 | 4 << 16 | of_a, 70000, 80000, 0);
}

static uint64_t frame(uint64_t module, uint64_t address) {
  return module << 48 | address;
}

static uint64_t key(uint64_t at, uint64_t count, uint64_t category, uint64_t flags) {
  return at | count << 32 | category << 40 | flags << 48;
}

static uint64_t double_word(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

static void add_module(struct fake_segment *segment, uint32_t number, const char *path, uint64_t start) {
  struct ration_segment_module *module = &segment->modules[number];
  *module = (struct ration_segment_module){
      .start = start, .bytes = 0x10000, .bias = start, .build_id_bytes = 20, .is_executable = number < 3};
  memset(module->build_id, path[1], 20);
  strcpy(module->path, path);
}

/*
 * Site 1: a.so, 1,000 blocks in 10 samples, 4 of which live; by its owner and by others. 2 and 3: the same stack of the
 * program's own, category other, once by way of each row of its module. 4: no frames. 5: was just being made.
 */
static void add_sites(struct fake_segment *segment) {
  const uint64_t one = RATION_WEIGHT_ONE;
  segment->sites[1] =
      (struct ration_segment_site){.key = key(1, 3, 4, 0),
                                   .owner = 1,
                                   .first_at = FAKE_STARTED_AT,
                                   .last_at = FAKE_STARTED_AT + FAKE_SECOND,
                                   .peak_bytes = 80000,
                                   .at_process_peak_bytes = 70000,
                                   .process_peak = RATION_CHARGE_BYTES(segment->rows[1].subtree_peak),
                                   .at_category_peak_bytes = 60000,
                                   .category_peak = 1, /* there has been a higher one since */
                                   .largest_bytes = 120,
                                   .own = {.samples = 6,
                                           .blocks = 600 * one,
                                           .bytes = 60000,
                                           .variance = double_word(6e8),
                                           .slack_bytes = 4000,
                                           .freed_samples = 6,
                                           .freed_bytes = 60000,
                                           .freed_variance = double_word(6e8),
                                           .lifetimes = {600 * one}},
                                   .others = {.samples = 4,
                                              .blocks = 400 * one,
                                              .bytes = 40000,
                                              .variance = double_word(4e8),
                                              .reallocations = 100 * one,
                                              .temporary_blocks = 7 * one}};
  for (uint32_t i = 2; i <= 3; i++)
    segment->sites[i] = (struct ration_segment_site){.key = key(4 + 2 * i, 2, 2, 0),
                                                     .own = {.samples = 1, .blocks = one, .bytes = 100 * i},
                                                     .largest_bytes = 100 * i};
  segment->sites[4] = (struct ration_segment_site){.key = key(0, 0, 2, RATION_SITE_INCOMPLETE),
                                                   .own = {.samples = 1, .blocks = one, .bytes = 50}};
  const uint64_t frames[FAKE_FRAMES] = {
      [1] = frame(3, 0x1111),   [2] = frame(1, 0x401000), [3] = frame(0, 0x7fff0000),
      [8] = frame(1, 0x402000), [9] = frame(1, 0x403000), [10] = frame(2, 0x402000),
      [11] = frame(2, 0x403000)};
  memcpy(segment->frames, frames, sizeof frames);
}

void fake_segment_add_sites(struct fake_segment *segment) {
  const struct ration_segment_table tables[] = {
      {RATION_TABLE_SITES, sizeof segment->sites[0], offsetof(struct fake_segment, sites), FAKE_SITES},
      {RATION_TABLE_FRAMES, sizeof segment->frames[0], offsetof(struct fake_segment, frames), FAKE_FRAMES},
      {RATION_TABLE_MODULES, sizeof segment->modules[0], offsetof(struct fake_segment, modules),
       FAKE_MODULES},
      {RATION_TABLE_SAMPLES, sizeof segment->samples[0], offsetof(struct fake_segment, samples),
       FAKE_SAMPLES},
  };
  memcpy(&segment->header.tables[FAKE_TABLES + 4], tables, sizeof tables);
  segment->process.sample_mean = 10000;
  segment->process.site_count = 6;
  segment->process.frame_count = FAKE_FRAMES;
  segment->process.module_count = FAKE_MODULES;
  segment->process.sample_count = FAKE_SAMPLES;
  segment->process.stacks_truncated = 2;
  segment->process.samples_lost[RATION_SAMPLE_NO_ROOM] = 3;
  add_module(segment, 1, "/bin/victim", 0x400000);
  add_module(segment, 2, "/bin/victim", 0x400000);
  add_module(segment, 3, "/lib/a.so", 0x7f0000000000);
  add_sites(segment);
  const uint64_t addresses[] = {0x10010, 0x20020};
  for (uint32_t i = 0; i < 2; i++) {
    segment->samples[FAKE_SAMPLES - 1 - 100 * i] =
        (struct ration_segment_sample){.address = addresses[i],
                                       .usable = 120 - 20 * i,
                                       .at = FAKE_STARTED_AT + (i + 1) * FAKE_SECOND / 2,
                                       .weight = 100 * RATION_WEIGHT_ONE,
                                       .site = 1 + i};
  }
}

struct segment_file fake_segment_file(const void *bytes, size_t size) {
  int fd = memfd_create("fake", MFD_CLOEXEC);
  cr_assert(fd >= 0);
  write_all(fd, bytes, size);
  return (struct segment_file){.fd = fd, .bytes = size};
}

void fake_segment_save(const void *bytes, size_t size, const char *folder, const char *name,
                       char ret_path[PATH_MAX]) {
  snprintf(ret_path, PATH_MAX, "%.2000s/%s", folder, name);
  int fd = open(ret_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  cr_assert(fd >= 0, "%s", ret_path);
  write_all(fd, bytes, size);
  close(fd);
}

/* In memory where there is room: what is written anew a thousand times waits for the disk each time, on ext4. */
void fake_folder_make(char ret_folder[PATH_MAX]) {
  struct statvfs memory;
  bool has_room = statvfs("/dev/shm", &memory) == 0 && memory.f_bavail > ROOM / memory.f_frsize;
  snprintf(ret_folder, PATH_MAX, "%s/ration-unit-XXXXXX",
           has_room && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  cr_assert(mkdtemp(ret_folder));
}

void fake_folder_remove(const char *folder) {
  DIR *entries = opendir(folder);
  cr_assert(entries);
  for (struct dirent *entry; (entry = readdir(entries));) {
    if (entry->d_name[0] != '.') unlinkat(dirfd(entries), entry->d_name, 0);
  }
  closedir(entries);
  cr_assert_eq(rmdir(folder), 0);
}

static void fill_identity(struct ration_segment_header *header) {
  struct proc_stat self;
  cr_assert_eq(procfs_stat((uint32_t)getpid(), &self), 0);
  cr_assert_eq(procfs_own_pid_namespace(&header->pid_namespace), 0);
  header->pid = (uint32_t)getpid();
  header->parent = self.parent;
  header->user = getuid();
  header->start_ticks = self.start_ticks;
  header->started_at_ns = 1700000000123456789u;
  header->heap = RATION_HEAP_SYSTEM;
  header->state = RATION_STATE_RUNNING;
  header->slab_count = 2;
  strcpy(header->program, "victim");
  strcpy(header->allocator, "libc.so.6");
  strcpy(header->shim_version, "0.1.0");
}

static void add_category(struct fake_segment *segment, uint16_t id, uint16_t parent, uint8_t depth,
                         const char *name) {
  struct ration_segment_category *row = &segment->rows[id];
  row->parent = parent;
  row->depth = depth;
  row->name_hash = id;
  row->name_bytes = (uint32_t)strlen(name);
  memcpy(row->name, name, row->name_bytes);
  segment->header.category_row[id] = id;
}

static void add_rule(struct fake_segment *segment, uint32_t number, uint16_t category, uint16_t kind,
                     const char *text) {
  uint32_t at = number > 0 ? segment->rules[number - 1].text_at + segment->rules[number - 1].text_bytes : 0;
  segment->rules[number] = (struct ration_segment_rule){
      .category = category, .kind = kind, .text_at = at, .text_bytes = (uint32_t)strlen(text)};
  memcpy(segment->text + at, text, strlen(text));
}

static void add_budget_rows(struct fake_segment *segment) {
  segment->budgets[1] = (struct ration_segment_budget){.limit_bytes = 1 << 20,
                                                       .policy = RATION_POLICY_NOTIFY,
                                                       .level_since_at = FAKE_STARTED_AT,
                                                       .breaches = 1,
                                                       .worst_bytes = FAKE_A_PEAK,
                                                       .worst_at = FAKE_STARTED_AT + FAKE_SECOND};
  segment->budgets[4] = (struct ration_segment_budget){
      .limit_bytes = 80000,
      .reserve_bytes = 5000,
      .policy = RATION_POLICY_REFUSE,
      .level = RATION_LEVEL_CRITICAL,
      .level_since_at = FAKE_STARTED_AT + FAKE_SECOND,
      .level_ns = {FAKE_SECOND / 2, FAKE_SECOND / 4, 0, FAKE_SECOND / 8, FAKE_SECOND / 8},
      .refused = 3,
      .worst_bytes = 79000,
      .worst_at = FAKE_STARTED_AT + FAKE_SECOND * 3 / 2};
  segment->refusals[0] = (struct ration_segment_refusal){
      .requests = 2, .bytes = 200, .last_at = FAKE_STARTED_AT + FAKE_SECOND / 2};
  segment->refusals[2] =
      (struct ration_segment_refusal){.key = FAKE_ASKER | UINT64_C(4) << 48 | UINT64_C(4) << 56,
                                      .requests = 3,
                                      .bytes = 12288,
                                      .last_at = FAKE_STARTED_AT + FAKE_SECOND * 3 / 2,
                                      .offset = 0x1234,
                                      .module = "a.so"};
}

static void add_handlers(struct fake_segment *segment) {
  segment->handlers[0] = (struct ration_segment_handler){.state = RATION_HANDLER_REGISTERED,
                                                         .category = 4,
                                                         .lowest_level = RATION_LEVEL_LOW,
                                                         .dispatch = RATION_DISPATCH_DEFERRED,
                                                         .priority = 10,
                                                         .number = 1,
                                                         .calls = 2,
                                                         .wanted_bytes = 8 << 20,
                                                         .claimed_bytes = 64 << 20,
                                                         .freed_bytes = 3 << 20,
                                                         .category_change_bytes = -(2 << 20),
                                                         .took_ns = 2500000,
                                                         .longest_ns = 1500000};
  segment->handlers[2] = (struct ration_segment_handler){.state = RATION_HANDLER_GONE,
                                                         .category = 1,
                                                         .lowest_level = RATION_LEVEL_CRITICAL,
                                                         .dispatch = RATION_DISPATCH_SYNCHRONOUS,
                                                         .priority = -1,
                                                         .number = 2};
}

static void add_event(struct fake_segment *segment, uint64_t ticket, uint64_t what, uint64_t bytes,
                      uint64_t limit, uint64_t detail) {
  segment->events[ticket % FAKE_EVENTS] =
      (struct ration_segment_event){.sequence = 2 * ticket + 2,
                                    .at = FAKE_STARTED_AT + ticket * (FAKE_SECOND / 8),
                                    .what = what,
                                    .who = 4711,
                                    .bytes = bytes,
                                    .limit = limit,
                                    .detail = detail};
}

static void charge(struct ration_segment_category *row, uint64_t own, uint64_t subtree, uint64_t peak) {
  row->own_charged = own;
  row->subtree_charged = subtree;
  row->own_peak = peak;
  row->subtree_peak = peak;
}

static void write_all(int fd, const void *bytes, size_t size) {
  cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
}

struct process fake_process(void) {
  static struct fake_segment segment;
  struct process process = {.state = PROCESS_EXITED};
  struct fault fault;
  fake_segment_fill(&segment);
  struct segment_file file = fake_segment_file(&segment, sizeof segment);
  cr_assert_eq(snapshot_read(&file, &process.snapshot, &fault), 0, "%s", fault.words);
  segment_file_close(&file);
  return process;
}
