/*
 * tracked_process.c: see tracked_process.h.
 */
#include "tracked_process.h"

#include <stdio.h>
#include <stdlib.h>

struct process *tracked_process(uint32_t pid, const char *program) {
  struct process *process = calloc(1, sizeof *process);
  struct snapshot *snapshot = &process->snapshot;
  process->state = PROCESS_RUNNING;
  process->threads = 1;
  snapshot->name = (struct place_name){.pid_namespace = 1, .pid = pid, .start_ticks = 10 * pid};
  snprintf(snapshot->program, sizeof snapshot->program, "%s", program);
  snprintf(process->path, sizeof process->path, "/none/%u", pid);
  snapshot->category_count = 1;
  snprintf(snapshot->categories[1].name, sizeof snapshot->categories[1].name, "total");
  return process;
}

uint32_t tracked_process_add(struct process *process, uint32_t parent, const char *name, uint64_t bytes) {
  struct snapshot *snapshot = &process->snapshot;
  uint32_t id = ++snapshot->category_count;
  struct category_figures *category = &snapshot->categories[id];
  snprintf(category->name, sizeof category->name, "%s", name);
  category->parent = (uint16_t)parent;
  category->depth = (uint8_t)(snapshot->categories[parent].depth + 1);
  if (bytes > 0) tracked_process_grow(process, id, (int64_t)bytes);
  return id;
}

static void add(struct figures *figures, int64_t bytes) {
  uint64_t size = (uint64_t)(bytes < 0 ? -bytes : bytes);
  figures->live_bytes += (uint64_t)bytes;
  figures->live_blocks += bytes < 0 ? UINT64_MAX : 1;
  figures->frees += bytes < 0;
  figures->allocations += bytes >= 0;
  figures->allocated_bytes += bytes < 0 ? 0 : size;
  if (figures->live_bytes > figures->peak_bytes) figures->peak_bytes = figures->live_bytes;
}

void tracked_process_grow(struct process *process, uint32_t id, int64_t bytes) {
  struct snapshot *snapshot = &process->snapshot;
  add(&snapshot->categories[id].own, bytes);
  for (uint32_t at = id; at > 0; at = snapshot->categories[at].parent)
    add(&snapshot->categories[at].subtree, bytes);
}

void tracked_process_limit(struct process *process, uint32_t id, uint64_t limit_bytes, uint32_t level) {
  struct budget_table *budgets = &process->snapshot.budgets;
  budgets->budget[budgets->count++] =
      (struct budget_facts){.category = id,
                            .limit_bytes = limit_bytes,
                            .used_bytes = process->snapshot.categories[id].subtree.live_bytes,
                            .level = level,
                            .taken_for = level};
}
