/*
 * preload_check.c: what LD_PRELOAD brings besides the shim, which `run` puts before it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor/checks.h"
#include "launch/preload.h"

static void check_entry(const char *entry, struct findings *findings);
static bool is_our_shim(const char *path);

/* The loader takes blanks as well as colons. */
void check_preload(const char *preload, struct findings *findings) {
  char entry[PATH_MAX];
  if (!preload) return;
  while (*(preload += strspn(preload, ": "))) {
    size_t length = strcspn(preload, ": ");
    if (length < sizeof entry) {
      memcpy(entry, preload, length);
      entry[length] = 0;
      check_entry(entry, findings);
    }
    preload += length;
  }
}

/* One without a '/' the loader looks for in folders of its own: only its name is known. */
static void check_entry(const char *entry, struct findings *findings) {
  struct program_facts facts;
  struct fault fault;
  const char *name = text_file_name(entry);
  bool has_path = name != entry;
  if (has_path && access(entry, F_OK) != 0) {
    finding_add(findings, FINDING_PRELOAD_MISSING, entry);
    return;
  }
  memset(&facts, 0, sizeof facts);
  if (has_path && program_facts_read(entry, &facts, &fault) != 0) return;
  if (strncmp(name, "libration.so", 12) == 0) {
    if (!is_our_shim(entry)) finding_add(findings, FINDING_PRELOADED_RATION, entry);
  } else if (facts.sanitizer[0] || program_is_sanitizer(name)) {
    finding_add(findings, FINDING_SANITIZER, entry);
  } else if (facts.own_malloc[0] || allocator_of_library(name)) {
    finding_add(findings, FINDING_PRELOADED_MALLOC, entry);
  }
}

static bool is_our_shim(const char *path) {
  char shim[PATH_MAX], other[PATH_MAX];
  struct fault fault;
  return preload_find(shim, &fault) == 0 && realpath(path, other) && strcmp(shim, other) == 0;
}
