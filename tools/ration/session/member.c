/*
 * member.c: from a process to its row.
 */
#include "session/member.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static struct member member_of(const struct process *process);

int member_list_add(struct member_list *list, const struct process *process) {
  if (list->count == list->room) {
    size_t room = list->room ? list->room * 2 : 64;
    struct member *members = realloc(list->members, room * sizeof *members);
    if (!members) return -ENOMEM;
    list->members = members;
    list->room = room;
  }
  list->members[list->count] = member_of(process);
  list->members[list->count].number = list->count;
  list->count++;
  return 0;
}

void member_list_free(struct member_list *list) {
  free(list->members);
  *list = (struct member_list){.members = NULL};
}

void member_session_write(uint32_t pid, uint64_t start, char ret_text[MEMBER_SESSION_BYTES]) {
  snprintf(ret_text, MEMBER_SESSION_BYTES, "%" PRIu32 ".%" PRIu64, pid, start);
}

int member_session_read(const char *text, uint32_t *ret_pid, uint64_t *ret_start) {
  uint64_t pid, start;
  size_t digits = text_read_decimal(text, &pid);
  if (digits == 0 || text[digits] != '.' || pid == 0 || pid > INT32_MAX) return -EINVAL;
  text += digits + 1;
  digits = text_read_decimal(text, &start);
  if (digits == 0 || text[digits] != 0 || start == 0) return -EINVAL;
  *ret_pid = (uint32_t)pid;
  *ret_start = start;
  return 0;
}

void member_figures_add(struct member_figures *sum, const struct member_figures *one) {
  sum->processes += one->processes;
  sum->running += one->running;
  sum->live_bytes += one->live_bytes;
  sum->live_blocks += one->live_blocks;
  sum->peak_bytes += one->peak_bytes;
  sum->allocations += one->allocations;
  sum->frees += one->frees;
  sum->allocated_bytes += one->allocated_bytes;
  sum->error_bound_bytes += one->error_bound_bytes;
}

static struct member member_of(const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  struct member member = {
      .name = snapshot->name,
      .parent = snapshot->parent,
      .session_pid = snapshot->session_pid,
      .session_start = snapshot->session_start,
      .started_at_ns = snapshot->started_at_ns,
      .until_at = process->until_at,
      .state = process->state,
      .exit_status = process->exit_status,
      .signal = process->signal,
      .threads = process->threads,
      .passive = snapshot->passive,
      .uptime_seconds = process->uptime_seconds,
      .is_alive = process_is_alive(process),
      .did_something = process_did_something(process),
      .figures = {.live_bytes = snapshot->total.live_bytes,
                  .live_blocks = snapshot->total.live_blocks,
                  .peak_bytes = snapshot->total.peak_bytes,
                  .allocations = snapshot->own_allocations,
                  .frees = snapshot->own_frees,
                  .allocated_bytes = snapshot->own_allocated_bytes,
                  .error_bound_bytes = process->error_bound_bytes},
  };
  memcpy(member.program, snapshot->program, sizeof member.program);
  member.program[sizeof member.program - 1] = 0;
  return member;
}
