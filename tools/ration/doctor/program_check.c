/*
 * program_check.c: findings of a program's file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/checks.h"
#include "doctor/loader.h"

static void check_loader(const char *path, struct findings *findings);
static void add_runtime(const struct runtime *runtime, struct findings *findings);
static void check_malloc(const struct program_facts *facts, struct findings *findings);
static void check_symbols(const struct program_facts *facts, struct findings *findings);
static void add_hindrance(enum hindrance hindrance, struct findings *findings);

void check_target(const struct target *target, struct findings *findings) {
  if (strcmp(target->command, target->path) != 0) finding_add(findings, FINDING_SCRIPT, target->path);
  if (target->hindrance != HINDRANCE_NONE) add_hindrance(target->hindrance, findings);
}

/* Where no shim comes to be loaded, what it would have met there says nothing. */
void check_program(const struct program_facts *facts, struct findings *findings) {
  if (facts->is_go && findings_have(findings, FINDING_STATIC))
    finding_add_words(findings, FINDING_GO,
                      "it is written in Go, whose heap is the runtime's own, and has no C code of which "
                      "anything could be seen; use Go's own profiler (runtime/pprof)");
  else if (facts->is_go)
    finding_add(findings, FINDING_GO, NULL);
  if (findings_have(findings, FINDING_STATIC) || findings_have(findings, FINDING_MUSL) ||
      findings_have(findings, FINDING_FOREIGN))
    return;
  if (facts->loader[0]) check_loader(facts->loader, findings);
  if (facts->sanitizer[0])
    finding_add(findings, FINDING_SANITIZER, facts->sanitizer);
  else
    check_malloc(facts, findings);
  if (facts->runtime) add_runtime(facts->runtime, findings);
  if (facts->malloc_library[0]) finding_add(findings, FINDING_LINKS_MALLOC, facts->malloc_library);
  if (facts->ration_library[0]) finding_add(findings, FINDING_LINKS_RATION, facts->ration_library);
  if (!facts->has_unwind_tables && !facts->is_go) finding_add(findings, FINDING_NO_UNWIND_TABLES, NULL);
  check_symbols(facts, findings);
  if (facts->build_id[0] == 0) finding_add(findings, FINDING_NO_BUILD_ID, NULL);
}

static void check_loader(const char *path, struct findings *findings) {
  enum loader loader = loader_look(path);
  if (loader == LOADER_MISSING)
    finding_add(findings, FINDING_NO_LOADER, path);
  else if (loader == LOADER_OTHER)
    finding_add(findings, FINDING_OTHER_LIBC, path);
  else if (loader == LOADER_OLD_GLIBC)
    finding_add(findings, FINDING_OLD_LIBC, "before 2.35");
}

static void add_runtime(const struct runtime *runtime, struct findings *findings) {
  char words[FINDING_WORDS_BYTES];
  snprintf(words, sizeof words, "it has %s: %s; %s", runtime->called, runtime->words, runtime->advice);
  finding_add_words(findings, FINDING_OWN_HEAP, words);
}

/* A sanitizer's runtime has a malloc, too: there it is the sanitizer that counts. */
static void check_malloc(const struct program_facts *facts, struct findings *findings) {
  const struct allocator *allocator = facts->allocator;
  char words[FINDING_WORDS_BYTES];
  if (facts->own_malloc[0]) {
    snprintf(words, sizeof words,
             "it brings its own malloc (%s), so that its calls do not reach ration, which stays passive; %s",
             allocator ? allocator->called : facts->own_malloc,
             allocator ? allocator->advice : "use a build of it without one");
    finding_add_words(findings, FINDING_OWN_MALLOC, words);
  } else if (allocator) {
    snprintf(words, sizeof words,
             "it has %s linked in, under other names than malloc's: blocks from there are not seen; %s",
             allocator->called, allocator->advice);
    finding_add_words(findings, FINDING_PRIVATE_MALLOC, words);
  }
}

/* What a debug file would be called, where servers are asked for it, and what there is to see without. */
static void check_symbols(const struct program_facts *facts, struct findings *findings) {
  if (facts->has_lines) return;
  char words[FINDING_WORDS_BYTES], advice[320];
  const char *urls = getenv("DEBUGINFOD_URLS");
  if (urls && *urls)
    snprintf(advice, sizeof advice, "nothing, if the servers of DEBUGINFOD_URLS have it");
  else if (facts->build_id[0])
    snprintf(advice, sizeof advice,
             "install its package of debug symbols (/usr/lib/debug/.build-id/%.2s/%s.debug), set "
             "DEBUGINFOD_URLS, or build it with -g",
             facts->build_id, facts->build_id + 2);
  else
    snprintf(advice, sizeof advice, "build it with -g");
  snprintf(
      words, sizeof words, "%s; %s",
      facts->has_symbols
          ? "it has no debug information, so call stacks have functions, but neither lines nor inlined ones"
          : "it has no debug information and no symbols of its own, so in call stacks most of its code "
            "has no names",
      advice);
  finding_add_words(findings, facts->has_symbols ? FINDING_NO_LINES : FINDING_NO_SYMBOLS, words);
}

/* One sentence of what it does, as `run` has it. */
static void add_hindrance(enum hindrance hindrance, struct findings *findings) {
  static const enum finding_kind kinds[] = {[HINDRANCE_STATIC] = FINDING_STATIC,
                                            [HINDRANCE_MUSL] = FINDING_MUSL,
                                            [HINDRANCE_PRIVILEGED] = FINDING_PRIVILEGED,
                                            [HINDRANCE_FOREIGN] = FINDING_FOREIGN};
  char words[FINDING_WORDS_BYTES];
  snprintf(words, sizeof words, "it %s", target_hindrance_words(hindrance));
  finding_add_words(findings, kinds[hindrance], words);
}
