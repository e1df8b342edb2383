/*
 * process_check.c: a process that runs: whether it is tracked, what its sandbox does, and what of it can be seen from
 * here.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/checks.h"
#include "reader/newest.h"
#include "reader/procfs.h"
#include "view/process_words.h"

static void check_tracked(const struct process *process, struct findings *findings);
static void check_untracked(uint32_t pid, struct findings *findings);
static void explain_absence(uint32_t pid, const char *command, const struct fault *fault,
                            struct findings *findings);
static void add_passive(uint32_t passive, struct findings *findings);
static bool is_secure(uint32_t pid);
static void explain_segment(const char *path, struct findings *findings);
static bool has_none_yet(uint32_t pid);
static bool maps_segment(uint32_t pid, const char *rest, char ret_path[PATH_MAX]);
static void check_preloads(uint32_t pid, struct findings *findings);
static char *read_variable(uint32_t pid, const char *name);
static void check_sandbox(uint32_t pid, struct findings *findings);
static void check_view(uint32_t pid, struct findings *findings);
static bool is_elsewhere(uint32_t pid, const char *name);
static bool has_other_folder(uint32_t pid);

/* What is tracked has no hindrance, whatever its file, its environment and its limits look like. */
void check_process(uint32_t pid, const char *command, struct findings *findings) {
  struct process *process = malloc(sizeof *process);
  struct fault fault = {.words = ""};
  int error = process ? newest_of_pid(pid, process, &fault) : -ENOMEM;
  if (error && !fault.words[0]) fault_set(&fault, error, "%s; try again", strerror(-error));
  bool has_segment = !error && process_is_alive(process);
  bool is_tracked = has_segment && !process->snapshot.passive;
  if (!has_segment)
    explain_absence(pid, command, error && error != -ENOENT ? &fault : NULL, findings);
  else if (!is_tracked)
    add_passive(process->snapshot.passive, findings);
  check_preloads(pid, findings);
  check_sandbox(pid, findings);
  check_view(pid, findings);
  if (is_tracked) {
    check_tracked(process, findings);
    findings_drop_stops(findings);
  } else {
    check_untracked(pid, findings);
  }
  check_mapped_libraries(pid, findings);
  free(process);
}

/* What it meets still. Limits count where it had them at its start, by which its books are small. */
static void check_tracked(const struct process *process, struct findings *findings) {
  const struct facts *facts = &process->snapshot.facts;
  struct stat segment;
  if (facts->unwind == RATION_UNWIND_TABLES && facts->unwind_asked == RATION_UNWIND_LIBUNWIND)
    finding_add(findings, FINDING_NO_LIBUNWIND, "libunwind");
  if (process->is_memfd) finding_add(findings, FINDING_NO_FOLDER, NULL);
  bool is_small = stat(process->path, &segment) == 0 && (uint64_t)segment.st_size < FULL_SEGMENT;
  if (is_small) check_limits_of(process->snapshot.name.pid, findings);
  check_segment_room(process->path, findings);
  check_overcommit("", findings);
}

/* What it would meet, started anew. In a container that is not what is here, but for its limits. */
static void check_untracked(uint32_t pid, struct findings *findings) {
  check_limits_of(pid, findings);
  if (!is_elsewhere(pid, "pid") && !has_other_folder(pid)) check_machine("", findings);
}

/*
 * That of a process in another namespace is found by other names, or elsewhere: check_view says so. Where something
 * stops its program anyway, starting it anew would be no help.
 */
static void explain_absence(uint32_t pid, const char *command, const struct fault *fault,
                            struct findings *findings) {
  bool is_mapped = false;
  char words[FINDING_WORDS_BYTES], own[16], path[PATH_MAX];
  snprintf(own, sizeof own, "%" PRIu32 ".", pid);
  if (!findings_have(findings, FINDING_FOREIGN) && is_secure(pid))
    finding_add_words(findings, FINDING_PRIVILEGED,
                      "it has gained privileges at its start (AT_SECURE), so the loader has ignored "
                      "LD_PRELOAD; run it as the user that it becomes");
  bool is_known = procfs_maps_file(pid, "libration.so", &is_mapped) == 0;
  bool is_stopped = findings_count(findings, SEVERITY_STOPS) > 0;
  if (is_known && !is_mapped) {
    if (!is_stopped) finding_add(findings, FINDING_NOT_LOADED, command);
  } else if (fault) {
    snprintf(words, sizeof words, "its segment cannot be read: %s", fault->words);
    finding_add_words(findings, FINDING_UNREADABLE_SEGMENT, words);
  } else if (is_known && maps_segment(pid, own, path)) {
    explain_segment(path, findings);
  } else if (is_known && !is_stopped && has_none_yet(pid)) {
    finding_add(findings, FINDING_NO_BLOCKS_YET, NULL);
  } else if (is_known && !is_elsewhere(pid, "pid") && !has_other_folder(pid)) {
    finding_add_words(findings, FINDING_PASSIVE,
                      "libration.so is in it, but has made no segment; check that `only`, `not` and `follow` "
                      "let it be tracked, and that a folder for segments has room");
  }
}

static void add_passive(uint32_t passive, struct findings *findings) {
  enum finding_kind kind = passive == RATION_PASSIVE_OWN_MALLOC  ? FINDING_OWN_MALLOC
                           : passive == RATION_PASSIVE_SANITIZER ? FINDING_SANITIZER
                           : passive == RATION_PASSIVE_NO_MEMORY ? FINDING_NO_MEMORY
                                                                 : FINDING_PASSIVE;
  static const char lead[] = "not tracked: "; /* which the finding says anyway */
  const char *reason = process_words_passive_reason(passive);
  bool has_lead = strncmp(reason, lead, sizeof lead - 1) == 0;
  finding_add_words(findings, kind, has_lead ? reason + sizeof lead - 1 : reason);
}

/* What the kernel told it at its start, in words of 64 bits. */
static bool is_secure(uint32_t pid) {
  char path[64];
  ElfW(auxv_t) entry;
  bool is_found = false;
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/auxv", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  while (!is_found && read(fd, &entry, sizeof entry) == (ssize_t)sizeof entry)
    is_found = entry.a_type == AT_SECURE && entry.a_un.a_val != 0;
  close(fd);
  return is_found;
}

/* One that it maps, and that was not found in our folders. */
static void explain_segment(const char *path, struct findings *findings) {
  static const char removed[] = " (deleted)";
  char words[FINDING_WORDS_BYTES];
  size_t length = strlen(path), end = sizeof removed - 1;
  if (length > end && strcmp(path + length - end, removed) == 0) {
    finding_add_words(findings, FINDING_UNREADABLE_SEGMENT,
                      "its segment's file has been removed, while it runs; start it anew to have one");
    return;
  }
  int folder = (int)(strrchr(path, '/') - path);
  if (folder == 0) folder = 1; /* the root */
  snprintf(
      words, sizeof words,
      "its segment lies in %.*s, where none is looked for here; set RATION_DIR to that folder, or name the "
      "segment's file",
      folder, path);
  finding_add_words(findings, FINDING_OTHER_FOLDERS, words);
}

/* A forked child maps its parent's until its first block, and for good where `follow` leaves it out. */
static bool has_none_yet(uint32_t pid) {
  char path[PATH_MAX];
  if (!maps_segment(pid, "", path)) return false;
  char *options = read_variable(pid, "RATION_OPTIONS");
  bool is_followed = settings_follow_forks(options);
  free(options);
  return is_followed;
}

/* One whose name goes on like this behind the namespace. */
static bool maps_segment(uint32_t pid, const char *rest, char ret_path[PATH_MAX]) {
  char name[96];
  uint64_t namespace;
  if (procfs_own_pid_namespace(&namespace) != 0) return false;
  snprintf(name, sizeof name, "/ration.%" PRIu64 ".%s", namespace, rest);
  return procfs_mapped_path(pid, name, ret_path, PATH_MAX) == 0;
}

static void check_preloads(uint32_t pid, struct findings *findings) {
  char *preload = read_variable(pid, "LD_PRELOAD");
  check_preload(preload, pid, findings);
  free(preload);
}

/* As its environment was at its start. The caller frees it. NULL: there is none of it, or it is not ours to see. */
static char *read_variable(uint32_t pid, const char *name) {
  char path[64];
  char *variable = NULL, *value = NULL;
  size_t room = 0, length = strlen(name);
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/environ", pid);
  FILE *environment = fopen(path, "re");
  if (!environment) return NULL;
  while (!value && getdelim(&variable, &room, 0, environment) > 0) {
    if (strncmp(variable, name, length) == 0 && variable[length] == '=')
      value = strdup(variable + length + 1);
  }
  free(variable);
  fclose(environment);
  return value;
}

/* A filter that is here, too, is not of its own making. */
static void check_sandbox(uint32_t pid, struct findings *findings) {
  struct proc_sandbox its, own = {0};
  if (procfs_sandbox(pid, &its) != 0) return;
  procfs_sandbox((uint32_t)getpid(), &own);
  bool has_more = its.seccomp && (!own.seccomp || its.filters > own.filters || its.seccomp < own.seccomp);
  if (has_more)
    finding_add(findings, FINDING_SECCOMP, its.seccomp == 1 ? "the strict mode" : "one of its own");
  else if (its.seccomp)
    finding_add(findings, FINDING_SECCOMP_INHERITED, NULL);
  if (its.no_new_privileges) finding_add(findings, FINDING_NO_NEW_PRIVILEGES, NULL);
}

static void check_view(uint32_t pid, struct findings *findings) {
  char path[64], number[16];
  snprintf(number, sizeof number, "%" PRIu32, pid);
  if (is_elsewhere(pid, "pid")) finding_add(findings, FINDING_OTHER_PIDS, number);
  if (has_other_folder(pid)) finding_add(findings, FINDING_OTHER_FOLDERS, number);
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/mem", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && (errno == EACCES || errno == EPERM)) finding_add(findings, FINDING_UNREADABLE, number);
  if (fd >= 0) close(fd);
}

static bool is_elsewhere(uint32_t pid, const char *name) {
  char path[64];
  struct stat here, there;
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/ns/%s", pid, name);
  if (stat(path, &there) != 0) return false;
  snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  return stat(path, &here) == 0 && (here.st_ino != there.st_ino || here.st_dev != there.st_dev);
}

static bool has_other_folder(uint32_t pid) {
  char path[64];
  struct stat here, there;
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/root/dev/shm", pid);
  return stat(path, &there) == 0 && stat("/dev/shm", &here) == 0 &&
         (there.st_dev != here.st_dev || there.st_ino != here.st_ino);
}
