/*
 * finding.h: what `ration doctor` has found out: one thing that stands in the way, or that one had better know, and
 * what to do about it.
 */
#ifndef RATION_TOOL_DOCTOR_FINDING_H
#define RATION_TOOL_DOCTOR_FINDING_H

#include <stdbool.h>
#include <stddef.h>

/* How much it matters: not tracked at all; tracked, but something is missing; worth knowing. */
enum severity { SEVERITY_NOTE, SEVERITY_LIMITS, SEVERITY_STOPS, SEVERITY_COUNT };

/* Where the shim has a word for why it is passive, that is the finding's name, too. */
enum finding_kind {
  /* of the program's file */
  FINDING_STATIC,
  FINDING_MUSL,
  FINDING_PRIVILEGED,
  FINDING_FOREIGN,
  FINDING_NO_LOADER,
  FINDING_OTHER_LIBC,
  FINDING_OWN_MALLOC,
  FINDING_SANITIZER,
  FINDING_GO,
  FINDING_PRIVATE_MALLOC,
  FINDING_NO_UNWIND_TABLES,
  FINDING_NO_SYMBOLS,
  FINDING_NO_LINES,
  FINDING_NO_BUILD_ID,
  FINDING_BARE_LIBRARIES,
  FINDING_SCRIPT,
  FINDING_OWN_HEAP,
  FINDING_LINKS_MALLOC,
  FINDING_LINKS_RATION,
  /* of the environment */
  FINDING_BAD_SETTINGS,
  FINDING_KEPT_OUT,
  FINDING_NO_STACKS,
  FINDING_PRELOADED_MALLOC,
  FINDING_PRELOADED_RATION,
  FINDING_PRELOAD_MISSING,
  FINDING_NO_MEMORY,
  FINDING_LITTLE_MEMORY,
  FINDING_NO_FILE,
  FINDING_SMALL_FILE,
  /* of the machine */
  FINDING_NO_SHIM,
  FINDING_OLD_LIBC,
  FINDING_OLD_KERNEL,
  FINDING_NO_FOLDER,
  FINDING_FULL_FOLDER,
  FINDING_PASSED_OVER_FOLDER,
  FINDING_FOLDER_ON_DISK,
  FINDING_NO_COMMIT,
  FINDING_STRICT_OVERCOMMIT,
  FINDING_NO_LIBUNWIND,
  FINDING_PTRACE_SCOPE,
  FINDING_SECCOMP_INHERITED,
  /* of a process */
  FINDING_NOT_LOADED,
  FINDING_PASSIVE, /* for a reason without a finding of its own */
  FINDING_NO_BLOCKS_YET,
  FINDING_UNREADABLE_SEGMENT,
  FINDING_SECCOMP,
  FINDING_OTHER_PIDS,
  FINDING_OTHER_FOLDERS,
  FINDING_UNREADABLE,
  FINDING_NO_NEW_PRIVILEGES,
  FINDING_COUNT
};

#define FINDING_WORDS_BYTES 512

struct finding {
  enum finding_kind kind;
  char words[FINDING_WORDS_BYTES]; /* a sentence about `it`, without a stop */
  char advice[FINDING_WORDS_BYTES];
};

/* In the order in which they were found; of each kind the first. */
struct findings {
  struct finding list[FINDING_COUNT];
  size_t count;
};

/* Adds one; `what` (may be NULL) takes the place of a `{}` in its words or its advice. */
void finding_add(struct findings *findings, enum finding_kind kind, const char *what);

/* The same with words of the caller's: "what is so; what to do". */
void finding_add_words(struct findings *findings, enum finding_kind kind, const char *words);

/* Takes away those that stop: what is tracked is tracked. */
void findings_drop_stops(struct findings *findings);

bool findings_have(const struct findings *findings, enum finding_kind kind);
size_t findings_count(const struct findings *findings, enum severity severity);

/* As docs/names.md has them. */
const char *finding_name(enum finding_kind kind);
enum severity finding_severity(enum finding_kind kind);
const char *severity_name(enum severity severity);

#endif
