/*
 * checks.h: what `ration doctor` looks at, a file for each group. A check adds what it finds, and fails at nothing: what
 * cannot be looked at is a finding, or none.
 */
#ifndef RATION_TOOL_DOCTOR_CHECKS_H
#define RATION_TOOL_DOCTOR_CHECKS_H

#include "doctor/finding.h"
#include "doctor/program_facts.h"
#include "doctor/resource_limits.h"
#include "launch/target.h"

#define LIBUNWIND_OF_SHIM "libunwind-x86_64.so.8" /* that it opens */

/* A program, before it runs: what `run` itself would meet; after that, what its file has. */
void check_target(const struct target *target, struct findings *findings);
void check_program(const struct program_facts *facts, struct findings *findings);

/* Debug information of the libraries that a program names, and of those that a process has. */
void check_libraries(const char *program, struct findings *findings);
void check_mapped_libraries(uint32_t pid, struct findings *findings);

/* RATION_OPTIONS, as it stands in the environment (NULL: not set), for a program of this path (NULL: for any). */
void check_settings(const char *options, const char *path, struct findings *findings);

/* Whether forked children are tracked under such options. */
bool settings_follow_forks(const char *options);

/* LD_PRELOAD, as it stands in the environment of a process (0: this one), whose files are meant; NULL: not set. */
void check_preload(const char *preload, uint32_t pid, struct findings *findings);

/* Whether the books find room; `is_libc`: over libc's allocator. The second: those of a process (0: this one). */
void check_limits(const struct resource_limits *limits, bool is_libc, struct findings *findings);
void check_limits_of(uint32_t pid, struct findings *findings);

/* Kernel, libc, folders, libunwind, what is preloaded into everything; files of /proc and /etc below `root` ("" but in tests). */
void check_machine(const char *root, struct findings *findings);
void check_kernel(const char *release, struct findings *findings);
void check_libc(const char *version, struct findings *findings);
void check_overcommit(const char *root, struct findings *findings);
void check_ptrace(const char *root, bool is_root, struct findings *findings);
void check_folders(struct findings *findings);
void check_segment_room(const char *segment, struct findings *findings); /* where it lies already */
void check_libunwind(const char *library, struct findings *findings);

/* A process that runs, and `command`, by which to start it again. */
void check_process(uint32_t pid, const char *command, struct findings *findings);

#endif
