/*
 * process_words.c: one table for each set of numbers.
 */
#include "view/process_words.h"

#include <stddef.h>

/* A number's word, and the sentence that goes with it. */
struct reason_words {
  const char *word;
  const char *reason;
};

static const struct reason_words passives[] = {
    [RATION_PASSIVE_OWN_MALLOC] =
        {"own_malloc", "not tracked: the program brings its own malloc, so its calls do not reach "
                       "ration; use a build of it without one"},
    [RATION_PASSIVE_SANITIZER] = {"sanitizer",
                                  "not tracked: the program runs under a sanitizer, which needs the heap for "
                                  "itself; use a build of it without one"},
    [RATION_PASSIVE_NO_MEMORY] = {"no_memory",
                                  "not tracked: there was no address space for the books; raise the limit "
                                  "(ulimit -v)"},
    [RATION_PASSIVE_NO_USABLE] = {"no_usable_size",
                                  "not tracked: the allocator below cannot tell the size of its blocks "
                                  "(malloc_usable_size); use another one"},
    [RATION_PASSIVE_SECOND] =
        {"second", "not tracked by this library: another libration.so stands above it and tracks; "
                   "preload only one"},
};
static const struct reason_words passive_unknown = {
    "unknown", "not tracked, for a reason that a newer ration knows; use the ration of that version"};

static const struct reason_words refusals[] = {
    [RATION_HEAP_LIMITED] =
        {"limited", "blocks come from the system heap, not from the page heap: the process may map only "
                    "so much (RLIMIT_AS, RLIMIT_DATA)"},
    [RATION_HEAP_NO_SPACE] =
        {"no_space", "blocks come from the system heap, not from the page heap: there was no address "
                     "space for it"},
    [RATION_HEAP_DEEPBIND] =
        {"deepbind",
         "new blocks come from the system heap, since a library was opened with RTLD_DEEPBIND, which may "
         "hand blocks to libc's own free"},
    [RATION_HEAP_LOCKED] =
        {"locked",
         "new blocks come from the system heap, since the program has locked its memory (mlockall)"},
};
static const struct reason_words refusal_unknown = {
    "unknown",
    "blocks come from the system heap, not from the page heap, for a reason that a newer ration knows"};

static const struct reason_words *find_passive(uint32_t passive);
static const struct reason_words *find_refusal(uint32_t refusal);

const char *process_words_state(enum process_state state) {
  static const char *const words[] = {
      [PROCESS_RUNNING] = "running",    [PROCESS_STOPPED] = "stopped", [PROCESS_EXITED] = "exited",
      [PROCESS_KILLED] = "killed",      [PROCESS_GONE] = "gone",       [PROCESS_REPLACED] = "replaced",
      [PROCESS_ELSEWHERE] = "elsewhere"};
  return words[state];
}

const char *process_words_heap(uint32_t heap) {
  static const char *const words[] = {[RATION_HEAP_SYSTEM] = "system", [RATION_HEAP_PAGE] = "page"};
  return heap < sizeof words / sizeof *words ? words[heap] : NULL;
}

const char *process_words_heap_refusal(uint32_t refusal) {
  return refusal == 0 ? NULL : find_refusal(refusal)->word;
}

const char *process_words_heap_refusal_reason(uint32_t refusal) {
  return refusal == 0 ? NULL : find_refusal(refusal)->reason;
}

const char *process_words_unwind(uint32_t unwind) {
  static const char *const words[] = {[RATION_UNWIND_LIBUNWIND] = "libunwind",
                                      [RATION_UNWIND_FP] = "fp",
                                      [RATION_UNWIND_OFF] = "off",
                                      [RATION_UNWIND_TABLES] = "tables"};
  return unwind < sizeof words / sizeof *words ? words[unwind] : NULL;
}

const char *process_words_passive(uint32_t passive) {
  return passive == 0 ? NULL : find_passive(passive)->word;
}

const char *process_words_passive_reason(uint32_t passive) {
  return passive == 0 ? NULL : find_passive(passive)->reason;
}

static const struct reason_words *find_passive(uint32_t passive) {
  bool is_known = passive < sizeof passives / sizeof *passives && passives[passive].word;
  return is_known ? &passives[passive] : &passive_unknown;
}

static const struct reason_words *find_refusal(uint32_t refusal) {
  bool is_known = refusal < sizeof refusals / sizeof *refusals && refusals[refusal].word;
  return is_known ? &refusals[refusal] : &refusal_unknown;
}
