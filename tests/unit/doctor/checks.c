/*
 * Tests of the checks of doctor/ that need no program: the machine, limits, LD_PRELOAD, scripts.
 */
#include "doctor/checks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/program.h"
#include "heap/tag_map.h"
#include "model/segment.h"
#include "reader/fake_segment.h"
#include "reader/procfs.h"
#include "track/thread.h"

static char folder[PATH_MAX];
static struct findings findings;

static void set_up(void) {
  fake_folder_make(folder);
  findings = (struct findings){.count = 0};
}

static void tear_down(void) {
  fake_folder_remove(folder);
}

static void forget(void) {
  findings = (struct findings){.count = 0};
}

/* ---- limits ------------------------------------------------------------------------------------------------ */

static const char limits_text[] =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max cpu time              unlimited            unlimited            seconds   \n"
    "Max file size             4096                 unlimited            bytes     \n"
    "Max data size             unlimited            unlimited            bytes     \n"
    "Max address space         1073741824           unlimited            bytes     \n";

Test(limits, are_read_as_the_kernel_writes_them) {
  struct resource_limits limits;
  cr_assert_eq(resource_limits_parse(limits_text, &limits), 0);
  cr_assert_eq(limits.file_size, 4096);
  cr_assert_eq(limits.data, UINT64_MAX);
  cr_assert_eq(limits.address_space, UINT64_C(1) << 30);
  cr_assert_eq(resource_limits_parse("Max file size             x\n", &limits), -EBADMSG);
  cr_assert_eq(resource_limits_parse("", &limits), -EBADMSG);
  cr_assert_eq(resource_limits_read("", 0, &limits), 0);
  cr_assert_eq(resource_limits_read("", (uint32_t)getpid(), &limits), 0);
  cr_assert_eq(resource_limits_read("/nonexistent", 0, &limits), -ENOENT);
}

/* What is a number here is worked out there. */
Test(limits, need_what_the_shim_needs) {
  cr_assert_eq(SMALL_BOOKS, tag_map_reservation(4) + segment_bytes(65) + 65 * (uint64_t)RECORD_BYTES);
  cr_assert_eq(SMALL_BOOKS_OTHER, tag_map_reservation(3) + segment_bytes(65) + 65 * (uint64_t)RECORD_BYTES);
  cr_assert_eq(LEAST_SEGMENT, segment_bytes(2));
  cr_assert_eq(FULL_SEGMENT, segment_bytes(SEGMENT_SLABS_MOST));
}

static void limited(uint64_t address_space, uint64_t data, uint64_t file_size, bool is_libc) {
  struct resource_limits limits = {.address_space = address_space, .data = data, .file_size = file_size};
  forget();
  check_limits(&limits, is_libc, &findings);
}

Test(limits, are_found_at_their_edges) {
  limited(UINT64_MAX, UINT64_MAX, UINT64_MAX, true);
  cr_assert_eq(findings.count, 0);
  limited(SMALL_BOOKS * SHARE_OF_LIMIT, UINT64_MAX, UINT64_MAX, true);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_LITTLE_MEMORY));
  limited(SMALL_BOOKS * SHARE_OF_LIMIT - 1, UINT64_MAX, UINT64_MAX, true);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_NO_MEMORY));
  cr_assert(strstr(findings.list[0].words, "of address space") && strstr(findings.list[0].advice, "257 MiB"));
  limited(UINT64_MAX, SMALL_BOOKS * SHARE_OF_LIMIT, UINT64_MAX, false);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_NO_MEMORY));
  cr_assert(strstr(findings.list[0].words, "of data") && strstr(findings.list[0].advice, "385 MiB"));
  limited(UINT64_MAX, UINT64_MAX, FULL_SEGMENT, true);
  cr_assert_eq(findings.count, 0);
  limited(UINT64_MAX, UINT64_MAX, FULL_SEGMENT - 1, true);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_SMALL_FILE));
  limited(UINT64_MAX, UINT64_MAX, LEAST_SEGMENT - 1, true);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_NO_FILE));
}

/* ---- the machine ------------------------------------------------------------------------------------------- */

Test(machine, has_versions) {
  forget();
  check_kernel("5.14.0-1-amd64", &findings);
  check_kernel("6.1.0", &findings);
  check_kernel("unknown", &findings);
  check_libc("2.35", &findings);
  check_libc("3.0", &findings);
  cr_assert_eq(findings.count, 0);
  check_kernel("5.9.12", &findings);
  check_libc("2.34", &findings);
  cr_assert(findings_have(&findings, FINDING_OLD_KERNEL) && findings_have(&findings, FINDING_OLD_LIBC));
}

Test(machine, lacks_a_library) {
  forget();
  check_libunwind("libc.so.6", &findings);
  cr_assert_eq(findings.count, 0);
  check_libunwind("libno-such-thing.so.8", &findings);
  cr_assert(findings_have(&findings, FINDING_NO_LIBUNWIND));
  cr_assert(strstr(findings.list[0].words, "libno-such-thing.so.8"));
}

static void put(const char *name, const char *text) {
  char path[PATH_MAX + 64];
  snprintf(path, sizeof path, "%s%s", folder, name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file, "%s", path);
  fputs(text, file);
  fclose(file);
}

static void make(const char *name) {
  char path[PATH_MAX + 64];
  snprintf(path, sizeof path, "%s%s", folder, name);
  cr_assert_eq(mkdir(path, 0700), 0);
}

/* What was put there, folders last; ends with NULL. */
static void take_away(const char *const names[]) {
  char path[PATH_MAX + 64];
  for (size_t i = 0; names[i]; i++) {
    snprintf(path, sizeof path, "%s%s", folder, names[i]);
    cr_assert_eq(remove(path), 0, "%s", path);
  }
  tear_down();
}

static void tear_down_proc(void) {
  take_away((const char *const[]){"/proc/sys/vm/overcommit_memory", "/proc/meminfo", "/proc/sys/vm",
                                  "/proc/sys", "/proc", NULL});
}

static void tear_down_yama(void) {
  take_away((const char *const[]){"/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/kernel/yama",
                                  "/proc/sys/kernel", "/proc/sys", "/proc", NULL});
}

static void tear_down_etc(void) {
  take_away((const char *const[]){"/etc/ld.so.preload", "/etc", NULL});
}

Test(machine, keeps_its_promises, .init = set_up, .fini = tear_down_proc) {
  make("/proc"), make("/proc/sys"), make("/proc/sys/vm");
  check_overcommit(folder, &findings);
  put("/proc/sys/vm/overcommit_memory", "0\n");
  put("/proc/meminfo", "MemTotal: 9 kB\nCommitLimit:     8000000 kB\nCommitted_AS:    1000000 kB\n");
  check_overcommit(folder, &findings);
  cr_assert_eq(findings.count, 0);
  put("/proc/sys/vm/overcommit_memory", "2\n");
  check_overcommit(folder, &findings);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_STRICT_OVERCOMMIT));
  put("/proc/meminfo", "CommitLimit:     8000000 kB\nCommitted_AS:    7900000 kB\n");
  check_overcommit(folder, &findings);
  cr_assert(findings.count == 2 && findings_have(&findings, FINDING_NO_COMMIT));
  forget();
  put("/proc/meminfo", "CommitLimit:     1 kB\nCommitted_AS:    7900000 kB\n");
  check_overcommit(folder, &findings);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_NO_COMMIT));
  forget();
  put("/proc/meminfo", "nothing that is known\n");
  check_overcommit(folder, &findings);
  cr_assert_eq(findings.count, 0);
}

Test(machine, lets_few_read_memory, .init = set_up, .fini = tear_down_yama) {
  make("/proc"), make("/proc/sys"), make("/proc/sys/kernel"), make("/proc/sys/kernel/yama");
  check_ptrace(folder, false, &findings);
  put("/proc/sys/kernel/yama/ptrace_scope", "0\n");
  check_ptrace(folder, false, &findings);
  put("/proc/sys/kernel/yama/ptrace_scope", "1\n");
  check_ptrace(folder, true, &findings);
  cr_assert_eq(findings.count, 0);
  check_ptrace(folder, false, &findings);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_PTRACE_SCOPE));
  cr_assert(strstr(findings.list[0].words, "ptrace_scope is 1"));
}

Test(machine, preloads_into_everything, .init = set_up, .fini = tear_down_etc) {
  make("/etc");
  put("/etc/ld.so.preload",
      "# /no/asan/libasan.so\n/usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n\t/no/such.so\n");
  check_machine(folder, &findings);
  cr_assert(findings_have(&findings, FINDING_PRELOADED_MALLOC));
  for (size_t i = 0; i < findings.count; i++) {
    if (findings.list[i].kind == FINDING_PRELOAD_MISSING)
      cr_assert(strstr(findings.list[i].words, "/no/such.so"));
  }
  cr_assert(findings_have(&findings, FINDING_PRELOAD_MISSING));
}

/* ---- a sandbox --------------------------------------------------------------------------------------------- */

Test(sandbox, is_read_as_the_kernel_writes_it) {
  struct proc_sandbox sandbox;
  cr_assert_eq(procfs_parse_sandbox("Name:\tx\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n", &sandbox),
               0);
  cr_assert(sandbox.no_new_privileges == 1 && sandbox.seccomp == 2 && sandbox.filters == 3);
  cr_assert_eq(procfs_parse_sandbox("Name:\tx\nNoNewPrivs:\t0\n", &sandbox), 0);
  cr_assert(sandbox.no_new_privileges == 0 && sandbox.seccomp == 0 && sandbox.filters == 0);
  cr_assert_eq(procfs_parse_sandbox("Name:\tx\n", &sandbox), -EBADMSG);
  cr_assert_eq(procfs_parse_sandbox("Name:\tx\nNoNewPrivs:\tx\n", &sandbox), -EBADMSG);
  cr_assert_eq(procfs_sandbox((uint32_t)getpid(), &sandbox), 0);
}

/* ---- LD_PRELOAD -------------------------------------------------------------------------------------------- */

Test(preload, of_nothing_is_nothing) {
  forget();
  check_preload(NULL, 0, &findings);
  check_preload("", 0, &findings);
  check_preload(": :", 0, &findings);
  check_preload("/usr/lib/x86_64-linux-gnu/libm.so.6", 0, &findings);
  check_preload("libm.so.6", 0, &findings);
  cr_assert_eq(findings.count, 0);
}

Test(preload, is_known_by_what_it_holds) {
  forget();
  check_preload("libm.so.6 /usr/lib/x86_64-linux-gnu/libjemalloc.so.2:/no/such.so", 0, &findings);
  cr_assert_eq(findings.count, 2);
  cr_assert(findings_have(&findings, FINDING_PRELOADED_MALLOC));
  cr_assert(findings_have(&findings, FINDING_PRELOAD_MISSING));
  check_preload("libasan.so.8", 0, &findings);
  cr_assert(findings_have(&findings, FINDING_SANITIZER));
  check_preload("libration.so.0", 0, &findings);
  cr_assert(findings_have(&findings, FINDING_PRELOADED_RATION));
  forget();
  check_preload("libtcmalloc_minimal.so.4", 0, &findings);
  cr_assert(findings_have(&findings, FINDING_PRELOADED_MALLOC), "by its name alone");
}

Test(preload, with_words_of_the_loader_is_known_by_name_alone) {
  forget();
  check_preload("/no/$LIB/such.so:$ORIGIN/such.so:/no/${PLATFORM}/libration.so", 0, &findings);
  cr_assert_eq(findings.count, 0);
  check_preload("/usr/$LIB/libjemalloc.so.2", 0, &findings);
  cr_assert(findings.count == 1 && findings_have(&findings, FINDING_PRELOADED_MALLOC));
}

Test(preload, of_a_process_is_looked_for_from_there) {
  uint32_t pid = (uint32_t)getpid();
  forget();
  check_preload("no/such.so /usr/lib/x86_64-linux-gnu/libm.so.6", pid, &findings);
  check_preload("/no/such.so", UINT32_MAX, &findings); /* which is gone */
  cr_assert_eq(findings.count, 0);
  check_preload("/no/such.so /usr/lib/x86_64-linux-gnu/libjemalloc.so.2", pid, &findings);
  cr_assert(findings.count == 2 && findings_have(&findings, FINDING_PRELOAD_MISSING));
  cr_assert(findings_have(&findings, FINDING_PRELOADED_MALLOC));
}

/* ---- scripts ----------------------------------------------------------------------------------------------- */

static void starts(const char *line, const char *program) {
  char path[PATH_MAX + 16], name[PROGRAM_NAME_MOST];
  put("/script", line);
  snprintf(path, sizeof path, "%s/script", folder);
  int error = program_of_env(path, name);
  if (program) {
    cr_assert_eq(error, 0, "%s", line);
    cr_assert_str_eq(name, program);
  } else {
    cr_assert_eq(error, -ENOENT, "%s", line);
  }
}

Test(script, of_env_starts_what_env_is_told, .init = set_up, .fini = tear_down) {
  starts("#!/usr/bin/env python3\n", "python3");
  starts("#! /usr/bin/env -S A=1 B=2 node --flag\nnode2\n", "node");
  starts("#!/usr/bin/env\tperl", "perl");
  starts("#!/usr/bin/env -S -u NAME perl -w\n", "perl");
  starts("#!/usr/bin/env -S -C / -iu NAME A=1 perl\n", "perl");
  starts("#!/usr/bin/env -S -uNAME --chdir / --unset=NAME -- A=1 perl\n", "perl");
  starts("#!/usr/bin/env -Sperl -w\n", "perl");
  starts("#!/usr/bin/env -iS-u NAME perl\n", "perl");
  starts("#!/usr/bin/env --split-string=-u NAME perl\n", "perl");
  starts("#!/usr/bin/env -S -u perl\n", NULL);
  starts("#!/bin/sh\n", NULL);
  starts("#!/usr/bin/env\n", NULL);
  starts("#!/usr/bin/env -i\nperl\n", NULL);
  starts("#!", NULL);
  starts("", NULL);
  starts("env perl\n", NULL);
}

Test(script, of_env_is_followed, .init = set_up, .fini = tear_down) {
  char path[PATH_MAX + 16];
  struct target target;
  put("/script", "#!/usr/bin/env true\n");
  snprintf(path, sizeof path, "%s/script", folder);
  cr_assert_eq(chmod(path, 0755), 0);
  cr_assert_eq(program_find(path, "/bin:/usr/bin", &target), 0);
  cr_assert_str_eq(target.command, path);
  cr_assert_str_eq(target.path, "/bin/true");
  put("/script", "#!/usr/bin/env no-such-program\n");
  cr_assert_eq(program_find(path, "/bin:/usr/bin", &target), -ENOENT);
  char ring[PATH_MAX + 64];
  snprintf(ring, sizeof ring, "#!/usr/bin/env %s\n", path);
  put("/script", ring);
  cr_assert_eq(program_find(path, "/bin:/usr/bin", &target), -ELOOP);
}
