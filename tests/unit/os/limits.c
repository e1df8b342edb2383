/*
 * limits.c: tests of src/os/limits.c, over files that stand in for /proc and /sys/fs/cgroup.
 */
#include "os/limits.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void begin(void) {
  snprintf(folder, sizeof folder, "/tmp/ration-unit-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  limits_set_root(folder);
}

static void end(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  cr_assert_eq(system(command), 0);
  limits_set_root("");
}

/* With the folders above it. */
static void put(const char *path, const char *words) {
  char full[512];
  snprintf(full, sizeof full, "%s%s", folder, path);
  for (char *at = full + sizeof "/tmp/ration-unit-"; *at; at++) {
    if (*at != '/') continue;
    *at = '\0';
    mkdir(full, 0700);
    *at = '/';
  }
  FILE *file = fopen(full, "w");
  cr_assert_not_null(file, "%s", full);
  fputs(words, file);
  cr_assert_eq(fclose(file), 0);
}

static void put_group(const char *group, const char *current, const char *high, const char *max) {
  char path[256];
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.current", group);
  put(path, current);
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.high", group);
  put(path, high);
  snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
  put(path, max);
}

static void put_v1(const char *group, const char *usage, const char *soft, const char *limit) {
  char path[256];
  snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.usage_in_bytes", group);
  put(path, usage);
  snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.soft_limit_in_bytes", group);
  put(path, soft);
  snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.limit_in_bytes", group);
  put(path, limit);
}

static void expect_cgroup(uint64_t current, uint64_t high, uint64_t limit) {
  struct limits_cgroup found = {7, 7, 7};
  cr_expect_eq(limits_read_cgroup(&found), 0);
  cr_expect_eq(found.current, current, "current %lu, not %lu", (unsigned long)found.current,
               (unsigned long)current);
  cr_expect_eq(found.high, high, "high %lu, not %lu", (unsigned long)found.high, (unsigned long)high);
  cr_expect_eq(found.limit, limit, "limit %lu, not %lu", (unsigned long)found.limit, (unsigned long)limit);
}

static void expect_limit(uint64_t limit) {
  uint64_t found = limits_cgroup();
  cr_expect_eq(found, limit, "%lu, not %lu", (unsigned long)found, (unsigned long)limit);
}

Test(limits, know_the_machines_memory) {
  cr_expect_geq(limits_ram(), UINT64_C(1) << 20);
}

Test(limits, are_none_without_files, .init = begin, .fini = end) {
  struct limits_cgroup cgroup = {7, 7, 7};
  struct limits_stalls stalls = {7, 7};
  expect_limit(0);
  cr_expect_eq(limits_read_cgroup(&cgroup), -ENOENT);
  cr_expect_eq(limits_read_stalls(&stalls), -ENOENT);
  cr_expect(cgroup.current == 7 && stalls.some == 7, "outputs are untouched");
  put("/proc/self/cgroup", "0::/a\n");
  expect_limit(0);
  cr_expect_eq(limits_read_cgroup(&cgroup), -ENOENT);
}

Test(limits, of_version_2, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "0::/a\n");
  put_group("/a", "1000\n", "max\n", "2000\n");
  expect_limit(2000);
  expect_cgroup(1000, 0, 2000);
  put_group("/a", "1000\n", "1500\n", "max\n");
  expect_limit(0);
  expect_cgroup(1000, 1500, 0);
}

Test(limits, are_the_tightest_on_the_way_up, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "0::/a/b/c\n");
  put_group("/a/b/c", "100\n", "max\n", "8000\n");
  put_group("/a/b", "1000\n", "max\n", "max\n");
  put_group("/a", "3000\n", "max\n", "4000\n");
  expect_limit(4000);
  expect_cgroup(3000, 0, 4000);
  put_group("/a/b", "1000\n", "1100\n", "1000000\n");
  expect_limit(4000);
  expect_cgroup(1000, 1100, 1000000);
  put_group("/a/b/c", "100\n", "max\n", "101\n");
  expect_limit(101);
  expect_cgroup(100, 0, 101);
  put_group("", "5000\n", "max\n", "50\n");
  expect_limit(50);
}

Test(limits, of_a_namespace_are_at_the_mounts_root, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "0::/docker/0123456789abcdef\n");
  put_group("", "1000\n", "max\n", "3000\n");
  expect_limit(3000);
  expect_cgroup(1000, 0, 3000);
  put("/proc/self/cgroup", "0::/\n");
  expect_limit(3000);
}

/* A group without the memory controller is counted in the nearest one above that has it. */
Test(limits, are_those_of_the_nearest_group_that_counts_memory, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "0::/a/b\n");
  put("/sys/fs/cgroup/a/b/cgroup.procs", "1\n");
  put_group("/a", "1000\n", "max\n", "2000\n");
  expect_limit(2000);
  expect_cgroup(1000, 0, 2000);
}

Test(limits, of_version_1, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "9:name=systemd:/\n5:cpu,memory,pids:/a/b\n3:cpuset:/x\n");
  put_v1("/a/b", "1000\n", "9223372036854771712\n", "9223372036854771712\n");
  put_v1("/a", "1500\n", "9223372036854771712\n", "4096\n");
  put_v1("", "9000\n", "9223372036854771712\n", "9223372036854771712\n");
  expect_limit(4096);
  expect_cgroup(1500, 0, 4096);
  put_v1("/a/b", "1000\n", "1200\n", "9223372036854771712\n");
  expect_cgroup(1000, 1200, 0);
}

Test(limits, of_both_versions_side_by_side, .init = begin, .fini = end) {
  put("/proc/self/cgroup", "4:memory:/a\n0::/a\n");
  put_v1("/a", "1000\n", "9223372036854771712\n", "4096\n");
  put("/sys/fs/cgroup/unified/a/cgroup.procs", "1\n");
  expect_limit(4096);
  put("/proc/self/cgroup", "4:cpuset:/a\n0::/a\n");
  put("/sys/fs/cgroup/unified/a/memory.current", "10\n");
  put("/sys/fs/cgroup/unified/a/memory.max", "20\n");
  expect_limit(20);
  expect_cgroup(10, 0, 20);
}

Test(limits, are_none_in_garbage, .init = begin, .fini = end) {
  static const char *const lines[] = {"",
                                      "\n",
                                      ":",
                                      "::",
                                      "0:",
                                      "0:memory",
                                      "0::",
                                      "1::/a\n",
                                      "4:mem:/a\n",
                                      "4:xmemory:/a",
                                      "4:memoryx:/a",
                                      "\n\n0:\n",
                                      "memory:memory"};
  put_group("", "1000\n", "max\n", "3000\n");
  put_v1("", "1000\n", "max\n", "5000\n");
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    put("/proc/self/cgroup", lines[i]);
    uint64_t limit = limits_cgroup();
    cr_expect(limit == 0 || limit == 3000, "\"%s\": %lu", lines[i], (unsigned long)limit);
  }
  put("/proc/self/cgroup", "0::/\n");
  static const char *const numbers[] = {
      "", "max", "-1", "x", "99999999999999999999999", "18446744073709551615", "4611686018427387904"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    put_group("", "1000\n", "max\n", numbers[i]);
    expect_limit(0);
  }
  put_group("", "1000\n", "max\n", "4611686018427387903");
  expect_limit(4611686018427387903);
}

Test(limits, are_none_where_a_path_is_too_long, .init = begin, .fini = end) {
  char line[4000] = "0::";
  for (size_t i = 3; i + 1 < sizeof line; i++) line[i] = i % 40 == 3 ? '/' : 'x';
  put("/proc/self/cgroup", line);
  expect_limit(0);
  put_group("", "1000\n", "max\n", "3000\n");
  expect_limit(3000);
}

#define PRESSURE(some, full)                                                                                 \
  "some avg10=" some " avg60=9.00 avg300=9.00 total=9\nfull avg10=" full " avg60=8.00 avg300=8.00 total=8\n"

static void expect_stalls(uint32_t some, uint32_t full) {
  struct limits_stalls found = {7, 7};
  cr_expect_eq(limits_read_stalls(&found), 0);
  cr_expect(found.some == some && found.full == full, "%u %u, not %u %u", found.some, found.full, some, full);
}

Test(limits, read_stalls_of_the_cgroup_or_the_machine, .init = begin, .fini = end) {
  put("/proc/pressure/memory", PRESSURE("1.23", "0.07"));
  expect_stalls(123, 7);
  put("/proc/self/cgroup", "0::/a\n");
  put_group("/a", "1\n", "max\n", "max\n");
  expect_stalls(123, 7);
  put("/sys/fs/cgroup/a/memory.pressure", PRESSURE("45.60", "100.00"));
  expect_stalls(4560, 10000);
}

Test(limits, read_no_stalls_from_garbage, .init = begin, .fini = end) {
  static const char *const wrong[] = {"some", "full avg10=", "some avg10=x full avg10=5.00", "\n\n",
                                      "some avg60=5.00"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    put("/proc/pressure/memory", wrong[i]);
    expect_stalls(0, 0);
  }
  put("/proc/pressure/memory", "some avg10=3 avg60=1.00\n");
  expect_stalls(300, 0);
}
