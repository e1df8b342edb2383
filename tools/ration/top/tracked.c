/*
 * tracked.c: see tracked.h.
 */
#include "top/tracked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view/field.h"

static int make_nodes(struct tracked *tracked, const struct snapshot *snapshot);
static void take_identity(struct tracked *tracked, const struct process *process);
static void take_figures(struct node *node, const struct category_figures *category, double seconds);
static void take_budgets(struct tracked *tracked, const struct budget_table *budgets);
static void sum_up(const struct tracked *tracked, const struct timeline_point *point,
                   uint64_t ret_sums[RATION_CATEGORY_IDS]);
static uint64_t less(uint64_t a, uint64_t b);
static double rate(uint64_t now, uint64_t before, double seconds);

int tracked_take(struct tracked *tracked, const struct process *process, uint64_t now_ns) {
  const struct snapshot *snapshot = &process->snapshot;
  bool is_first = tracked->looked_ns == 0;
  double seconds = is_first ? 0 : (double)(now_ns - tracked->looked_ns) / 1e9;
  int error = make_nodes(tracked, snapshot);
  if (error) return error;
  take_identity(tracked, process);
  if (is_first) tracked->needs_course = true;
  tracked->looked_ns = now_ns;
  for (uint32_t id = 1; id <= tracked->node_count; id++)
    take_figures(&tracked->nodes[id], &snapshot->categories[id], seconds);
  take_budgets(tracked, &snapshot->budgets);
  if (!tracked->is_alive && !tracked->ended_ns) tracked->ended_ns = now_ns;
  return 0;
}

/* Categories are only ever added, each behind the one above it. */
static int make_nodes(struct tracked *tracked, const struct snapshot *snapshot) {
  uint32_t count = snapshot->category_count;
  if (count <= tracked->node_count) return 0;
  struct node *nodes = realloc(tracked->nodes, (count + 1) * sizeof *nodes);
  if (!nodes) return -ENOMEM;
  tracked->nodes = nodes;
  for (uint32_t id = tracked->node_count + 1; id <= count; id++) {
    const struct category_figures *category = &snapshot->categories[id];
    char *name = strdup(category->name);
    if (!name) return -ENOMEM;
    nodes[id] = (struct node){.name = name, .parent = category->parent, .depth = category->depth};
    for (size_t i = 0; i < GROWTH_WINDOWS; i++) nodes[id].growth[i] = FIELD_UNKNOWN;
    tracked->node_count = id;
  }
  return 0;
}

static void take_identity(struct tracked *tracked, const struct process *process) {
  const struct snapshot *snapshot = &process->snapshot;
  tracked->name = snapshot->name;
  memcpy(tracked->program, snapshot->program, sizeof tracked->program);
  tracked->program[sizeof tracked->program - 1] = 0;
  memcpy(tracked->path, process->path, sizeof tracked->path);
  tracked->is_memfd = process->is_memfd;
  tracked->session_pid = snapshot->session_pid;
  tracked->session_start = snapshot->session_start;
  tracked->state = process->state;
  tracked->is_alive = process_is_alive(process) || process->state == PROCESS_ELSEWHERE;
  tracked->passive = snapshot->passive;
  tracked->threads = process->threads;
  tracked->uptime_seconds = process->uptime_seconds;
}

static void take_figures(struct node *node, const struct category_figures *category, double seconds) {
  const struct figures *now = &category->subtree;
  node->has_rates = seconds > 0;
  node->allocations_per_second = rate(now->allocations, node->allocations, seconds);
  node->frees_per_second = rate(now->frees, node->frees, seconds);
  node->allocated_bytes_per_second = rate(now->allocated_bytes, node->allocated_bytes, seconds);
  node->change_bytes_per_second =
      seconds > 0 ? ((double)now->live_bytes - (double)node->live_bytes) / seconds : 0;
  node->live_bytes = now->live_bytes;
  node->live_blocks = now->live_blocks;
  node->peak_bytes = now->peak_bytes;
  node->allocations = now->allocations;
  node->frees = now->frees;
  node->allocated_bytes = now->allocated_bytes;
  node->is_used = now->allocations > 0 || now->live_bytes > 0;
  node->limit_bytes = node->used_bytes = 0;
  node->level = RATION_LEVEL_NONE;
  course_add(&node->course, now->live_bytes);
}

/* Of counts that only grow; one that was summed a moment too early has not shrunk. */
static double rate(uint64_t now, uint64_t before, double seconds) {
  return seconds > 0 && now > before ? (double)(now - before) / seconds : 0;
}

static void take_budgets(struct tracked *tracked, const struct budget_table *budgets) {
  for (uint32_t i = 0; i < budgets->count; i++) {
    const struct budget_facts *budget = &budgets->budget[i];
    if (budget->category > tracked->node_count) continue;
    struct node *node = &tracked->nodes[budget->category];
    node->limit_bytes = budget->limit_bytes;
    node->used_bytes = budget->used_bytes;
    node->level = budget->outside > budget->taken_for ? budget->outside : budget->taken_for;
    node->is_used = true;
  }
}

void tracked_take_growth(struct tracked *tracked, const struct snapshot *snapshot, uint64_t now_ns) {
  tracked->growth_ns = now_ns;
  for (uint32_t id = 1; id <= tracked->node_count && id <= snapshot->category_count; id++) {
    for (size_t i = 0; i < GROWTH_WINDOWS; i++) {
      bool is_known = snapshot->growth.is_known[i];
      tracked->nodes[id].growth[i] = is_known ? snapshot->growth.of[i][id].subtree : FIELD_UNKNOWN;
    }
  }
}

/*
 * A point holds until the next one comes. It has what was charged, above what was live by what threads held as credit: that
 * is taken to have been as much as it is now.
 */
void tracked_take_course(struct tracked *tracked, const struct timeline *timeline, uint64_t end_ns) {
  const uint64_t second = 1000000000;
  uint64_t sums[RATION_CATEGORY_IDS], credit[RATION_CATEGORY_IDS];
  size_t next = 0;
  if (timeline->count == 0) return;
  sum_up(tracked, &timeline->points[timeline->count - 1], credit);
  for (uint32_t id = 1; id <= tracked->node_count; id++) {
    tracked->nodes[id].course.count = 0;
    credit[id] = less(credit[id], tracked->nodes[id].live_bytes);
  }
  for (uint64_t back = COURSE_VALUES; back-- > 1;) {
    uint64_t at_ns = less(end_ns, back * second);
    while (next < timeline->count && timeline->points[next].at_ns <= at_ns) next++;
    if (next == 0) continue;
    sum_up(tracked, &timeline->points[next - 1], sums);
    for (uint32_t id = 1; id <= tracked->node_count; id++)
      course_add(&tracked->nodes[id].course, less(sums[id], credit[id]));
  }
  for (uint32_t id = 1; id <= tracked->node_count; id++)
    course_add(&tracked->nodes[id].course, tracked->nodes[id].live_bytes);
  tracked->needs_course = false;
}

/* Of each category with those below it, which have higher ids. */
static void sum_up(const struct tracked *tracked, const struct timeline_point *point,
                   uint64_t ret_sums[RATION_CATEGORY_IDS]) {
  memset(ret_sums, 0, RATION_CATEGORY_IDS * sizeof *ret_sums);
  for (uint32_t id = tracked->node_count; id > 0; id--) {
    uint32_t parent = tracked->nodes[id].parent;
    ret_sums[id] += point->charged[id];
    if (parent < id) ret_sums[parent] += ret_sums[id];
  }
}

static uint64_t less(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}

void tracked_end(struct tracked *tracked, uint64_t now_ns) {
  tracked->is_alive = false;
  if (!tracked->ended_ns) tracked->ended_ns = now_ns;
  for (uint32_t id = 1; id <= tracked->node_count; id++) tracked->nodes[id].has_rates = false;
}

void tracked_free(struct tracked *tracked) {
  for (uint32_t id = 1; id <= tracked->node_count; id++) free(tracked->nodes[id].name);
  free(tracked->nodes);
  *tracked = (struct tracked){.nodes = NULL};
}

struct node *tracked_root(const struct tracked *tracked) {
  return tracked->node_count >= RATION_CATEGORY_TOTAL ? &tracked->nodes[RATION_CATEGORY_TOTAL] : NULL;
}

uint32_t tracked_level(const struct tracked *tracked) {
  uint32_t level = RATION_LEVEL_NONE;
  for (uint32_t id = 1; id <= tracked->node_count; id++)
    if (tracked->nodes[id].level > level) level = tracked->nodes[id].level;
  return level;
}
