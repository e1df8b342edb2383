/*
 * tree.c: parents are looked for by pid; then a walk, without recursion: a chain may be as deep as it likes.
 */
#include "session/tree.h"

#include <errno.h>
#include <stdlib.h>

/* A process on the way into the tree; all by index, before the walk. */
struct node {
  size_t parent;
  size_t first_child;
  size_t next;  /* sibling, the younger one */
  size_t place; /* after the walk */
  uint64_t start_ticks;
  enum { NODE_NEW, NODE_ON_WAY, NODE_DONE } mark; /* while circles are looked for */
};

struct walk {
  struct session *session;
  struct node *nodes;
  size_t *youngest; /* of all, the youngest first */
  size_t roots;     /* the first child of nobody */
};

static void find_parents(struct walk *walk);
static size_t parent_of(const struct session *session, const struct session_process *process);
static size_t living_then(const struct session *session, const struct member *child);
static size_t first_of_pid(const struct session *session, uint64_t pid_namespace, uint32_t pid);
static void cut_circles(struct walk *walk);
static void link_children(struct walk *walk);
static int by_age(const void *one, const void *other, void *nodes);
static void lay_out(struct walk *walk, struct session_process *to);

int tree_arrange(struct session *session) {
  size_t count = session->process_count;
  struct walk walk = {.session = session,
                      .nodes = calloc(count, sizeof *walk.nodes),
                      .youngest = calloc(count, sizeof *walk.youngest),
                      .roots = SESSION_NOBODY};
  struct session_process *laid_out = calloc(count, sizeof *laid_out);
  int error = walk.nodes && walk.youngest && laid_out ? 0 : -ENOMEM;
  if (!error) {
    find_parents(&walk);
    cut_circles(&walk);
    link_children(&walk);
    lay_out(&walk, laid_out);
    free(session->processes);
    session->processes = laid_out;
    laid_out = NULL;
  }
  free(laid_out);
  free(walk.nodes);
  free(walk.youngest);
  return error;
}

static void find_parents(struct walk *walk) {
  for (size_t i = 0; i < walk->session->process_count; i++) {
    const struct session_process *process = &walk->session->processes[i];
    walk->nodes[i] = (struct node){.parent = parent_of(walk->session, process),
                                   .first_child = SESSION_NOBODY,
                                   .next = SESSION_NOBODY,
                                   .start_ticks = process->images[0].name.start_ticks};
    if (walk->nodes[i].parent == i) walk->nodes[i].parent = SESSION_NOBODY;
  }
}

/* As the first image that knows has it: later ones may have been inherited by init. */
static size_t parent_of(const struct session *session, const struct session_process *process) {
  size_t parent = SESSION_NOBODY;
  for (size_t i = 0; i < process->image_count && parent == SESSION_NOBODY; i++)
    parent = living_then(session, &process->images[i]);
  return parent;
}

/* The last that had the parent's pid, of those that were there before the child. */
static size_t living_then(const struct session *session, const struct member *child) {
  size_t parent = SESSION_NOBODY;
  size_t at = first_of_pid(session, child->name.pid_namespace, child->parent);
  for (; at < session->process_count; at++) {
    const struct place_name *name = &session->processes[at].images[0].name;
    bool is_its_pid = name->pid_namespace == child->name.pid_namespace && name->pid == child->parent;
    if (!is_its_pid || name->start_ticks > child->name.start_ticks) break;
    parent = at;
  }
  return parent;
}

/* Where it stands, or would stand. */
static size_t first_of_pid(const struct session *session, uint64_t pid_namespace, uint32_t pid) {
  size_t low = 0, high = session->process_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct place_name *name = &session->processes[middle].images[0].name;
    bool is_before =
        name->pid_namespace < pid_namespace || (name->pid_namespace == pid_namespace && name->pid < pid);
    if (is_before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* From each one up: who is met again on the same way has no parent. */
static void cut_circles(struct walk *walk) {
  for (size_t i = 0; i < walk->session->process_count; i++) {
    size_t at = i;
    while (at != SESSION_NOBODY && walk->nodes[at].mark == NODE_NEW) {
      walk->nodes[at].mark = NODE_ON_WAY;
      size_t parent = walk->nodes[at].parent;
      if (parent != SESSION_NOBODY && walk->nodes[parent].mark == NODE_ON_WAY)
        walk->nodes[at].parent = SESSION_NOBODY;
      at = walk->nodes[at].parent;
    }
    for (at = i; at != SESSION_NOBODY && walk->nodes[at].mark == NODE_ON_WAY; at = walk->nodes[at].parent)
      walk->nodes[at].mark = NODE_DONE;
  }
}

/* The youngest first, each before its siblings: so the oldest comes to stand first. */
static void link_children(struct walk *walk) {
  size_t count = walk->session->process_count;
  for (size_t i = 0; i < count; i++) walk->youngest[i] = i;
  qsort_r(walk->youngest, count, sizeof *walk->youngest, by_age, walk->nodes);
  for (size_t i = 0; i < count; i++) {
    size_t child = walk->youngest[i], parent = walk->nodes[child].parent;
    size_t *first = parent == SESSION_NOBODY ? &walk->roots : &walk->nodes[parent].first_child;
    walk->nodes[child].next = *first;
    *first = child;
  }
}

/* Of one tick the lower pid is the older: that is the order in which they stand. */
static int by_age(const void *one, const void *other, void *nodes) {
  size_t a = *(const size_t *)one, b = *(const size_t *)other;
  uint64_t a_start = ((const struct node *)nodes)[a].start_ticks;
  uint64_t b_start = ((const struct node *)nodes)[b].start_ticks;
  if (a_start != b_start) return a_start > b_start ? -1 : 1;
  return a > b ? -1 : a < b;
}

static void lay_out(struct walk *walk, struct session_process *to) {
  size_t depth = 0, count = 0, at = walk->roots;
  while (at != SESSION_NOBODY) {
    struct node *node = &walk->nodes[at];
    node->place = count;
    to[count] = walk->session->processes[at];
    to[count].depth = depth;
    to[count].parent = node->parent == SESSION_NOBODY ? SESSION_NOBODY : walk->nodes[node->parent].place;
    count++;
    if (node->first_child != SESSION_NOBODY) {
      at = node->first_child;
      depth++;
      continue;
    }
    while (at != SESSION_NOBODY && walk->nodes[at].next == SESSION_NOBODY) {
      at = walk->nodes[at].parent;
      if (at != SESSION_NOBODY) depth--;
    }
    if (at != SESSION_NOBODY) at = walk->nodes[at].next;
  }
}
