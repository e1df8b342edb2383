/*
 * finding.c: the one table of what can be found.
 */
#include "doctor/finding.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct finding_spec {
  const char *name;
  const char *words; /* NULL: they come with it */
  const char *advice;
  enum severity severity;
};

static const struct finding_spec specs[FINDING_COUNT] = {
    /* Of the program's file. The first four are hindrances of launch/target.h, which has their words. */
    [FINDING_STATIC] = {.name = "static", .severity = SEVERITY_STOPS},
    [FINDING_MUSL] = {.name = "musl", .severity = SEVERITY_STOPS},
    [FINDING_PRIVILEGED] = {.name = "privileged", .severity = SEVERITY_STOPS},
    [FINDING_FOREIGN] = {.name = "foreign", .severity = SEVERITY_STOPS},
    [FINDING_NO_LOADER] = {.name = "no_loader",
                           .severity = SEVERITY_STOPS,
                           .words = "it asks for the loader {}, which is not there, so it cannot be run",
                           .advice = "install the libc that it was built for"},
    [FINDING_OTHER_LIBC] = {.name = "other_libc",
                            .severity = SEVERITY_STOPS,
                            .words =
                                "its loader, {}, is not glibc's, and libration.so runs with no other libc",
                            .advice = "use a build for glibc"},
    [FINDING_OWN_MALLOC] = {.name = "own_malloc", .severity = SEVERITY_STOPS},
    [FINDING_SANITIZER] = {.name = "sanitizer",
                           .severity = SEVERITY_STOPS,
                           .words =
                               "it is built with a sanitizer ({}), which needs the heap for itself, so that "
                               "ration stays passive",
                           .advice = "use a build of it without one"},
    [FINDING_GO] =
        {.name = "go",
         .severity = SEVERITY_LIMITS,
         .words = "it is written in Go, whose heap is the runtime's own: what is seen is what its C code "
                  "allocates, and no more",
         .advice = "use Go's own profiler for the rest (runtime/pprof)"},
    [FINDING_PRIVATE_MALLOC] = {.name = "private_malloc", .severity = SEVERITY_LIMITS},
    [FINDING_NO_UNWIND_TABLES] = {.name = "no_unwind_tables",
                                  .severity = SEVERITY_LIMITS,
                                  .words =
                                      "it has no unwind tables (.eh_frame_hdr), so call stacks end in it",
                                  .advice = "build it with -fasynchronous-unwind-tables, or with "
                                            "-fno-omit-frame-pointer and run it with --set unwind=fp"},
    [FINDING_NO_SYMBOLS] = {.name = "no_symbols", .severity = SEVERITY_NOTE},
    [FINDING_NO_LINES] = {.name = "no_lines", .severity = SEVERITY_NOTE},
    [FINDING_NO_BUILD_ID] = {.name = "no_build_id",
                             .severity = SEVERITY_NOTE,
                             .words =
                                 "it has no build-id, by which debug files are found, and by which one build "
                                 "is told from the next",
                             .advice = "link it with -Wl,--build-id"},
    [FINDING_BARE_LIBRARIES] = {.name = "bare_libraries", .severity = SEVERITY_NOTE},
    [FINDING_SCRIPT] = {.name = "script",
                        .severity = SEVERITY_NOTE,
                        .words =
                            "it is a script: what is tracked, and was looked at here, is {}, which runs it",
                        .advice = "if it starts another program, name that one to have it looked at"},
    [FINDING_OWN_HEAP] = {.name = "own_heap", .severity = SEVERITY_NOTE},
    [FINDING_LINKS_MALLOC] = {.name = "links_malloc",
                              .severity = SEVERITY_NOTE,
                              .words =
                                  "it links {}: ration comes first, counts, and hands its calls on to that",
                              .advice = "nothing; reports say so by `allocator`"},
    [FINDING_LINKS_RATION] = {.name = "links_ration",
                              .severity = SEVERITY_NOTE,
                              .words = "it links {} itself, so it is tracked however it is started",
                              .advice = "nothing"},
    /* Of the environment. */
    [FINDING_BAD_SETTINGS] = {.name = "bad_settings", .severity = SEVERITY_STOPS},
    [FINDING_KEPT_OUT] = {.name = "kept_out",
                          .severity = SEVERITY_STOPS,
                          .words = "RATION_OPTIONS keeps out programs of the name {}",
                          .advice = "unset RATION_OPTIONS, or change that option of it"},
    [FINDING_NO_STACKS] = {.name = "no_stacks",
                           .severity = SEVERITY_NOTE,
                           .words = "no call stacks are taken, by `{}` of RATION_OPTIONS",
                           .advice = "leave it out to have sites and leaks"},
    [FINDING_PRELOADED_MALLOC] =
        {.name = "preloaded_malloc",
         .severity = SEVERITY_NOTE,
         .words =
             "{} is preloaded, and has a malloc as well: `ration run` puts its own before it, which hands "
             "calls on to it",
         .advice = "take it out of LD_PRELOAD, or /etc/ld.so.preload, if it is not meant to be the allocator "
                   "below"},
    [FINDING_PRELOADED_RATION] = {.name = "preloaded_ration",
                                  .severity = SEVERITY_NOTE,
                                  .words =
                                      "{} is preloaded, another libration.so: of two, the second is passive",
                                  .advice = "take it out of LD_PRELOAD; `ration run` brings its own"},
    [FINDING_PRELOAD_MISSING] =
        {.name = "preload_missing",
         .severity = SEVERITY_NOTE,
         .words = "{} is to be preloaded, and is not there: the loader says so on the stderr of each program",
         .advice = "take it out of LD_PRELOAD, or /etc/ld.so.preload"},
    [FINDING_NO_MEMORY] =
        {.name = "no_memory",
         .severity = SEVERITY_STOPS,
         .words = "{}, of which the books would take more than an eighth, so that ration stays passive",
         .advice = "raise the limit to 257 MiB or more, 385 MiB over another allocator than "
                   "libc's (ulimit -v, ulimit -d)"},
    [FINDING_LITTLE_MEMORY] = {.name = "little_memory",
                               .severity = SEVERITY_LIMITS,
                               .words =
                                   "{}, so the books are small: no call stacks, sizes and timeline, and 64 "
                                   "threads with books of their own",
                               .advice = "lift the limit (ulimit -v unlimited, ulimit -d unlimited)"},
    [FINDING_NO_FILE] = {.name = "no_file",
                         .severity = SEVERITY_STOPS,
                         .words = "files may have no more than {}, so there can be no segment to report of",
                         .advice = "raise the limit to 136 MiB or more, 1.9 MiB at the least (ulimit -f)"},
    [FINDING_SMALL_FILE] =
        {.name = "small_file",
         .severity = SEVERITY_LIMITS,
         .words = "files may have no more than {}, so the segment is small: few samples, neither "
                  "sizes nor timeline",
         .advice = "raise the limit to 136 MiB or more (ulimit -f)"},
    /* Of the machine. */
    [FINDING_NO_SHIM] = {.name = "no_shim", .severity = SEVERITY_STOPS},
    [FINDING_OLD_LIBC] = {.name = "old_libc",
                          .severity = SEVERITY_STOPS,
                          .words = "it runs with glibc {}, for which libration.so is too new",
                          .advice = "use a system with glibc 2.35 or later"},
    [FINDING_OLD_KERNEL] =
        {.name = "old_kernel",
         .severity = SEVERITY_LIMITS,
         .words = "Linux {} cannot make room in shared memory page by page, so segments are small: no call "
                  "stacks, sizes and timeline, and 64 threads with books of their own",
         .advice = "use Linux 5.14 or later"},
    [FINDING_NO_FOLDER] =
        {.name = "no_folder",
         .severity = SEVERITY_LIMITS,
         .words = "no folder takes a segment ($RATION_DIR, /dev/shm, $XDG_RUNTIME_DIR, $TMPDIR), so it lies "
                  "in the process alone, and ends with it: `ration run` will have no table",
         .advice = "set RATION_DIR to a folder that can be written, in memory if possible"},
    [FINDING_FULL_FOLDER] =
        {.name = "full_folder",
         .severity = SEVERITY_LIMITS,
         .words = "where segments would lie there is little room, {}: what finds none is lost, and counted "
                  "as such",
         .advice =
             "make room there, or set RATION_DIR to a folder that has some; 4 MiB a process will do for "
             "most (containers: --shm-size)"},
    [FINDING_PASSED_OVER_FOLDER] = {.name = "passed_over_folder",
                                    .severity = SEVERITY_NOTE,
                                    .words = "RATION_DIR is passed over, for {}",
                                    .advice = "set it to the absolute path of a folder that can be written"},
    [FINDING_FOLDER_ON_DISK] =
        {.name = "folder_on_disk",
         .severity = SEVERITY_NOTE,
         .words = "segments lie in {}, which is no file system in memory, so the kernel writes them to disk "
                  "now and then",
         .advice = "set RATION_DIR to a folder in /dev/shm or on another tmpfs"},
    [FINDING_NO_COMMIT] =
        {.name = "no_commit",
         .severity = SEVERITY_LIMITS,
         .words = "vm.overcommit_memory is 2, and all but {} of what may be promised is: the books may find "
                  "no memory",
         .advice = "raise vm.overcommit_ratio, add swap, or end other programs"},
    [FINDING_STRICT_OVERCOMMIT] =
        {.name = "strict_overcommit",
         .severity = SEVERITY_NOTE,
         .words = "vm.overcommit_memory is 2, so the books count with all they may grow to, 4 MiB for each "
                  "64 MiB of addresses in use; {} are left",
         .advice = "nothing, while some is left"},
    [FINDING_NO_LIBUNWIND] =
        {.name = "no_libunwind",
         .severity = SEVERITY_LIMITS,
         .words = "{} cannot be loaded: call stacks are taken by the unwind tables alone, and some end early",
         .advice = "install libunwind (Debian: libunwind8)"},
    [FINDING_PTRACE_SCOPE] =
        {.name = "ptrace_scope",
         .severity = SEVERITY_NOTE,
         .words = "kernel.yama.ptrace_scope is {}: `ration whose` may not read the memory of a program that "
                  "is not its own child",
         .advice = "run it as root; all other reports need none of that"},
    [FINDING_SECCOMP_INHERITED] =
        {.name = "seccomp_inherited",
         .severity = SEVERITY_NOTE,
         .words = "there is a seccomp filter on everything here, as in containers: what it refuses, ration "
                  "does without",
         .advice =
             "nothing, unless programs end by SIGSYS under ration: then allow what ration does at a start"},
    /* Of a process. */
    [FINDING_NOT_LOADED] = {.name = "not_loaded",
                            .severity = SEVERITY_STOPS,
                            .words = "libration.so is not in it, and cannot be added to what runs already",
                            .advice = "start it anew: ration run -- {}"},
    [FINDING_PASSIVE] = {.name = "passive", .severity = SEVERITY_STOPS},
    [FINDING_NO_BLOCKS_YET] =
        {.name = "no_blocks_yet",
         .severity = SEVERITY_LIMITS,
         .words = "it was forked, and has asked for no memory since: its segment comes with its first block",
         .advice = "look again then; what it holds from before stands in its parent's books"},
    [FINDING_UNREADABLE_SEGMENT] = {.name = "unreadable_segment", .severity = SEVERITY_STOPS},
    [FINDING_SECCOMP] =
        {.name = "seccomp",
         .severity = SEVERITY_LIMITS,
         .words =
             "it has a seccomp filter ({}): one that kills, kills for what ration does at a fork, for copies "
             "of the segment and, without `ration run`, at the end",
         .advice =
             "start it by `ration run`, or with keep=1; leave out dump and report, and set follow=none if "
             "it forks; a filter that only refuses needs nothing"},
    [FINDING_OTHER_PIDS] =
        {.name = "other_pids",
         .severity = SEVERITY_LIMITS,
         .words = "it is in another pid namespace, so nothing that needs its pid can be told from here",
         .advice = "run ration in its namespace (nsenter -t {} -p -m), or name its segment's file"},
    [FINDING_OTHER_FOLDERS] =
        {.name = "other_folders",
         .severity = SEVERITY_LIMITS,
         .words = "it has another /dev/shm than this one, so its segment is not found by its pid",
         .advice = "name the segment's file, in /proc/{}/root/dev/shm, or run ration in its mount namespace"},
    [FINDING_UNREADABLE] =
        {.name = "unreadable",
         .severity = SEVERITY_LIMITS,
         .words =
             "its memory and its /proc/{} cannot be read, since it is another user's, or undumpable, or by "
             "kernel.yama.ptrace_scope: no `whose`, no closing line",
         .advice = "look as root"},
    [FINDING_NO_NEW_PRIVILEGES] =
        {.name = "no_new_privileges",
         .severity = SEVERITY_NOTE,
         .words = "it can gain no privileges (no_new_privs), so set-user-ID programs that it starts are "
                  "tracked like any other",
         .advice = "nothing"},
};

static struct finding *add(struct findings *findings, enum finding_kind kind);
static void fill(const char *words, const char *what, char ret_words[FINDING_WORDS_BYTES]);

void finding_add(struct findings *findings, enum finding_kind kind, const char *what) {
  struct finding *finding = add(findings, kind);
  if (!finding) return;
  fill(specs[kind].words, what, finding->words);
  fill(specs[kind].advice, what, finding->advice);
}

void finding_add_words(struct findings *findings, enum finding_kind kind, const char *words) {
  struct finding *finding = add(findings, kind);
  if (!finding) return;
  const char *end = strstr(words, "; ");
  int length = end ? (int)(end - words) : (int)strlen(words);
  snprintf(finding->words, sizeof finding->words, "%.*s", length, words);
  snprintf(finding->advice, sizeof finding->advice, "%s", end ? end + 2 : "nothing");
}

void findings_drop_stops(struct findings *findings) {
  size_t count = 0;
  for (size_t i = 0; i < findings->count; i++) {
    if (finding_severity(findings->list[i].kind) == SEVERITY_STOPS) continue;
    if (count < i) findings->list[count] = findings->list[i];
    count++;
  }
  findings->count = count;
}

bool findings_have(const struct findings *findings, enum finding_kind kind) {
  for (size_t i = 0; i < findings->count; i++) {
    if (findings->list[i].kind == kind) return true;
  }
  return false;
}

size_t findings_count(const struct findings *findings, enum severity severity) {
  size_t count = 0;
  for (size_t i = 0; i < findings->count; i++) count += finding_severity(findings->list[i].kind) == severity;
  return count;
}

const char *finding_name(enum finding_kind kind) {
  return specs[kind].name;
}

enum severity finding_severity(enum finding_kind kind) {
  return specs[kind].severity;
}

const char *severity_name(enum severity severity) {
  static const char *const names[SEVERITY_COUNT] = {
      [SEVERITY_NOTE] = "note", [SEVERITY_LIMITS] = "limits", [SEVERITY_STOPS] = "stops"};
  return names[severity];
}

/* NULL: there is one of its kind. */
static struct finding *add(struct findings *findings, enum finding_kind kind) {
  if (findings_have(findings, kind)) return NULL;
  struct finding *finding = &findings->list[findings->count++];
  finding->kind = kind;
  return finding;
}

static void fill(const char *words, const char *what, char ret_words[FINDING_WORDS_BYTES]) {
  struct text text = text_in(ret_words, FINDING_WORDS_BYTES);
  const char *place = strstr(words, "{}");
  if (!place) {
    text_add(&text, words);
    return;
  }
  text_add_bytes(&text, words, (size_t)(place - words));
  text_add(&text, what ? what : "");
  text_add(&text, place + 2);
}
