/*
 * limits_check.c: whether the books fit into the limits, reckoned as the shim does at its start.
 */
#include <stdio.h>

#include "doctor/checks.h"
#include "view/units.h"

static void check_memory(const struct resource_limits *limits, bool is_libc, struct findings *findings);

/* Over which allocator the other checks have found out before. */
void check_limits_of(uint32_t pid, struct findings *findings) {
  struct resource_limits limits;
  bool is_libc =
      !findings_have(findings, FINDING_LINKS_MALLOC) && !findings_have(findings, FINDING_PRELOADED_MALLOC);
  if (resource_limits_read("", pid, &limits) == 0) check_limits(&limits, is_libc, findings);
}

void check_limits(const struct resource_limits *limits, bool is_libc, struct findings *findings) {
  check_memory(limits, is_libc, findings);
  struct words size = units_bytes(limits->file_size);
  if (limits->file_size < LEAST_SEGMENT)
    finding_add(findings, FINDING_NO_FILE, size.chars);
  else if (limits->file_size < FULL_SEGMENT)
    finding_add(findings, FINDING_SMALL_FILE, size.chars);
}

static void check_memory(const struct resource_limits *limits, bool is_libc, struct findings *findings) {
  bool is_of_data = limits->data < limits->address_space;
  uint64_t limit = is_of_data ? limits->data : limits->address_space;
  uint64_t needed = is_libc ? SMALL_BOOKS : SMALL_BOOKS_OTHER;
  if (limit == UINT64_MAX) return;
  char what[128];
  snprintf(what, sizeof what, "there may be no more than %s of %s", units_bytes(limit).chars,
           is_of_data ? "data" : "address space");
  finding_add(findings, needed > limit / SHARE_OF_LIMIT ? FINDING_NO_MEMORY : FINDING_LITTLE_MEMORY, what);
}
