/*
 * massif.c: what valgrind's massif would have written, for ms_print: snapshots along the timeline, one of them the peak with
 * the tree of what was live then, and a last one with that of what is live now.
 *
 * The first level of a tree is the category, then come the functions, from the one that allocates outward. Between two
 * points of the timeline a process may have had more: the peak stands at the time of the highest point.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/format.h"
#include "export/stacks.h"
#include "reader/timeline.h"
#include "sites/call_tree.h"
#include "view/escape.h"
#include "view/moment.h"

#define SNAPSHOTS_MOST 200  /* of the timeline */
#define LEAST_SHARE    0.01 /* of a tree; what weighs less is one line */
#define NAME_BYTES     2048

struct snapshot_line {
  uint64_t at_ms;
  uint64_t bytes;
};

struct massif {
  const struct process *process;
  struct snapshot_line lines[SNAPSHOTS_MOST];
  size_t count;
  size_t peak; /* place of the highest */
  struct call_node at_peak, at_end;
};

static int fill(struct massif *massif, const struct export_wishes *wishes, struct fault *ret_fault);
static void fit(struct call_node *root, double bytes);
static void take_timeline(struct massif *massif, const struct timeline *timeline);
static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context);
static void write_massif(FILE *to, const struct massif *massif);
static void write_snapshot(FILE *to, size_t number, const struct snapshot_line *line, const char *tree);
static void write_tree(FILE *to, const struct call_node *root, uint64_t bytes);
static void write_children(FILE *to, const struct call_node *parent, double least, unsigned depth);

int export_massif(FILE *to, const struct subject *subject, const struct export_wishes *wishes,
                  struct fault *ret_fault) {
  if (subject->count > 1) {
    return fault_set(ret_fault, -ERANGE,
                     "has %zu processes, and massif has room for one; name it, as FILE:%u", subject->count,
                     subject->processes[0]->snapshot.name.pid);
  }
  struct massif *massif = calloc(1, sizeof *massif);
  if (!massif) return fault_set(ret_fault, -ENOMEM, "not enough memory");
  massif->process = subject->processes[0];
  int error = fill(massif, wishes, ret_fault);
  if (!error) write_massif(to, massif);
  call_tree_free(&massif->at_peak);
  call_tree_free(&massif->at_end);
  free(massif);
  return error;
}

static int fill(struct massif *massif, const struct export_wishes *wishes, struct fault *ret_fault) {
  const struct process *process = massif->process;
  struct timeline timeline;
  struct stacks stacks;
  int error = subject_timeline(process, &timeline, ret_fault);
  if (error) return error;
  take_timeline(massif, &timeline);
  timeline_free(&timeline);
  error = stacks_open(process, wishes, &stacks, ret_fault);
  if (error) return error;
  error = stacks_visit(&stacks, add_stack, massif);
  stacks_close(&stacks);
  if (error) return fault_set(ret_fault, error, "not enough memory for its stacks");
  call_tree_sort(&massif->at_peak);
  call_tree_sort(&massif->at_end);
  fit(&massif->at_peak, (double)massif->lines[massif->peak].bytes);
  fit(&massif->at_end, (double)process->snapshot.total.live_bytes);
  return 0;
}

static void scale(struct call_node *node, double factor) {
  node->weight *= factor;
  for (struct call_node *child = node->child; child; child = child->next) scale(child, factor);
}

/* An estimate may be above what the books say, and ms_print ends where a part is more than the whole. */
static void fit(struct call_node *root, double bytes) {
  if (root->weight > bytes) scale(root, bytes / root->weight);
}

static uint64_t charged_at(const struct timeline_point *point, uint32_t categories) {
  uint64_t sum = 0;
  for (uint32_t id = 1; id <= categories; id++) sum += point->charged[id];
  return sum;
}

/* Of more points than are shown, the highest of those that come to one line. */
static void take_timeline(struct massif *massif, const struct timeline *timeline) {
  const struct snapshot *snapshot = &massif->process->snapshot;
  size_t last_place = SIZE_MAX;
  for (size_t i = 0; i < timeline->count; i++) {
    size_t place = timeline->count > SNAPSHOTS_MOST ? i * SNAPSHOTS_MOST / timeline->count : i;
    struct snapshot_line line = {.at_ms = timeline->points[i].at_ns / 1000000,
                                 .bytes = charged_at(&timeline->points[i], snapshot->category_count)};
    if (place != last_place)
      massif->lines[massif->count++] = line;
    else if (line.bytes > massif->lines[massif->count - 1].bytes)
      massif->lines[massif->count - 1] = line;
    last_place = place;
  }
  if (massif->count == 0) massif->count = 1; /* the start, when there was nothing */
  for (size_t i = 0; i < massif->count; i++)
    if (massif->lines[i].bytes > massif->lines[massif->peak].bytes) massif->peak = i;
  massif->lines[massif->peak].bytes = snapshot->total.peak_bytes;
}

static int add_stack(const struct stacks *stacks, const struct site_row *row, const struct stack *stack,
                     void *context) {
  struct massif *massif = context;
  struct stack below = {.count = stack->count + 1, .frame = malloc((stack->count + 1) * sizeof *below.frame)};
  if (!below.frame) return -ENOMEM;
  below.frame[0] = (struct stack_frame){.function = stacks_category(stacks, row)};
  if (stack->count) memcpy(below.frame + 1, stack->frame, stack->count * sizeof *below.frame);
  int error = 0;
  double at_peak = row->facts->at_process_peak_bytes;
  if (at_peak > 0) error = call_tree_add(&massif->at_peak, &below, true, at_peak);
  if (!error && row->live_bytes > 0) error = call_tree_add(&massif->at_end, &below, true, row->live_bytes);
  stack_free(&below);
  return error;
}

static void write_massif(FILE *to, const struct massif *massif) {
  const struct process *process = massif->process;
  const struct snapshot *snapshot = &process->snapshot;
  char program[NAME_BYTES];
  escape(snapshot->program, program, sizeof program);
  fprintf(to, "desc: ration, pid %" PRIu32 "\ncmd: %s\ntime_unit: ms\n", snapshot->name.pid, program);
  for (size_t i = 0; i < massif->count; i++) {
    write_snapshot(to, i, &massif->lines[i], i == massif->peak ? "peak" : "empty");
    if (i == massif->peak) write_tree(to, &massif->at_peak, massif->lines[i].bytes);
  }
  uint64_t last = massif->lines[massif->count - 1].at_ms, end = moment_until_end(process, 0) / 1000000;
  struct snapshot_line now = {.at_ms = end > last ? end : last, .bytes = snapshot->total.live_bytes};
  write_snapshot(to, massif->count, &now, "detailed");
  write_tree(to, &massif->at_end, now.bytes);
}

static void write_snapshot(FILE *to, size_t number, const struct snapshot_line *line, const char *tree) {
  fprintf(to,
          "#-----------\nsnapshot=%zu\n#-----------\ntime=%" PRIu64 "\nmem_heap_B=%" PRIu64
          "\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n",
          number, line->at_ms, line->bytes, tree);
}

/* Those that weigh enough to stand by themselves; the weight of the others. */
static size_t count_children(const struct call_node *parent, double least, double *ret_rest,
                             size_t *ret_others) {
  size_t count = 0;
  *ret_rest = 0;
  *ret_others = 0;
  for (const struct call_node *child = parent->child; child; child = child->next) {
    if (child->weight >= least) {
      count++;
    } else {
      *ret_rest += child->weight;
      (*ret_others)++;
    }
  }
  return count;
}

/* What no sample tells of is the rest of the bytes of its snapshot. */
static void write_tree(FILE *to, const struct call_node *root, uint64_t bytes) {
  double least = LEAST_SHARE * root->weight, rest;
  size_t others, count = count_children(root, least, &rest, &others);
  uint64_t told = stacks_rounded(root->weight);
  bool has_gap = bytes > told;
  fprintf(to, "n%zu: %" PRIu64 " (heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n",
          count + (others > 0) + has_gap, bytes);
  write_children(to, root, least, 1);
  if (has_gap) fprintf(to, " n0: %" PRIu64 " 0x0: (no sample tells by whom)\n", bytes - told);
}

/* A tree is as deep as a stack with all its inlined frames, so recursion is fine. */
static void write_children(FILE *to, const struct call_node *parent, double least, unsigned depth) {
  double rest, none;
  size_t others, unseen;
  count_children(parent, least, &rest, &others);
  for (const struct call_node *child = parent->child; child; child = child->next) {
    char name[NAME_BYTES];
    if (child->weight < least) continue;
    size_t below = count_children(child, least, &none, &unseen);
    escape(child->name, name, sizeof name);
    fprintf(to, "%*sn%zu: %" PRIu64 " 0x0: %s\n", (int)depth, "", below + (unseen > 0),
            stacks_rounded(child->weight), name);
    write_children(to, child, least, depth + 1);
  }
  if (others > 0)
    fprintf(to, "%*sn0: %" PRIu64 " in %zu places, all below massif's threshold (%.2f%%)\n", (int)depth, "",
            stacks_rounded(rest), others, 100 * LEAST_SHARE);
}
