/*
 * proc.c: what the kernel says in /proc and /sys, which shows what others call themselves. The first byte says which text it
 * is: by the list below.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/scratch_file.h"
#include "os/limits.h"
#include "reader/procfs.h"
#include "reader/smaps.h"
#include "serve/cgroup.h"
#include "serve/pid_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void take_stat(char *text, size_t size) {
  struct proc_stat stat;
  (void)size;
  if (procfs_parse_stat(text, &stat) == 0) procfs_is_dead(&stat);
}

static void take_status(char *text, size_t size) {
  struct proc_signals signals;
  struct proc_sandbox sandbox;
  uint32_t pid;
  (void)size;
  procfs_parse_signals(text, &signals);
  procfs_parse_sandbox(text, &sandbox);
  procfs_parse_leader(text, &pid);
  pid_map_parse(text);
}

static void take_smaps(char *text, size_t size) {
  struct smaps smaps;
  FILE *file = size ? fmemopen(text, size, "r") : NULL;
  if (!file) return;
  if (smaps_parse(file, &smaps) == 0) {
    for (size_t i = 0; i < smaps.count; i++)
      if (smaps.mappings[i].start > smaps.mappings[i].end) abort();
    smaps_free(&smaps);
  }
  fclose(file);
}

static void take_cgroup(char *text, size_t size) {
  struct metric_place place;
  (void)size;
  cgroup_parse(text, &place);
}

/* Files of a root of their own: the input's lines up to a NUL each. */
static void take_limits(char *text, size_t size) {
  static const char *const names[] = {"proc",
                                      "proc/self",
                                      "sys",
                                      "sys/fs",
                                      "sys/fs/cgroup",
                                      "sys/fs/cgroup/a",
                                      "proc/self/cgroup",
                                      "proc/self/mountinfo",
                                      "sys/fs/cgroup/memory.max",
                                      "sys/fs/cgroup/a/memory.max",
                                      "sys/fs/cgroup/a/memory.current",
                                      "sys/fs/cgroup/a/memory.high",
                                      "sys/fs/cgroup/a/memory.pressure",
                                      "proc/pressure"};
  enum { FOLDERS = 6, COUNT = sizeof names / sizeof *names };
  static char root[PATH_MAX], paths[COUNT][PATH_MAX];
  for (int i = 0; !root[0] && i < COUNT; i++) {
    scratch_file_name(names[i], paths[i]);
    if (i < FOLDERS && mkdir(paths[i], 0700) != 0) abort();
  }
  if (!root[0]) snprintf(root, sizeof root, "%.*s", (int)(strlen(paths[0]) - strlen("/proc")), paths[0]);
  limits_set_root(root);
  char *at = text, *end = text + size;
  for (int i = FOLDERS; i < COUNT; i++) {
    size_t count = at < end ? strlen(at) : 0;
    scratch_file_write(paths[i], at < end ? at : "", count);
    at += count + 1;
  }
  struct limits_cgroup group;
  struct limits_stalls stalls;
  limits_cgroup();
  limits_read_cgroup(&group);
  limits_read_stalls(&stalls);
}

static void (*const takers[])(char *text, size_t size) = {take_stat, take_status, take_smaps, take_cgroup,
                                                          take_limits};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (size < 1) return 0;
  char *text = scratch_text(bytes + 1, size - 1);
  takers[bytes[0] % (sizeof takers / sizeof *takers)](text, size - 1);
  free(text);
  return 0;
}
