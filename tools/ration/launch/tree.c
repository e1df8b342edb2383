/*
 * tree.c: who gets a line.
 */
#include "launch/tree.h"

#include <stdlib.h>

static void add_program(struct tree *tree, const struct process *process);
static void add_child(struct tree *tree, const struct process *process);
static struct process *copy_of(struct tree *tree, const struct process *process);

void tree_add(struct tree *tree, const struct process *process, bool is_program) {
  if (is_program) {
    add_program(tree, process);
  } else if (process->state != PROCESS_REPLACED || process_did_something(process)) {
    add_child(tree, process);
  }
}

void tree_free(struct tree *tree) {
  free(tree->program);
  for (size_t i = 0; i < tree->child_count; i++) free(tree->children[i]);
}

void tree_view(struct emitter *emitter, const struct tree *tree, const struct selection *selection) {
  emitter_begin_list(emitter, "processes");
  if (tree->program) process_view_page(emitter, tree->program, selection);
  if (tree->child_count > 0) {
    if (tree->program) emitter_end_line(emitter);
    emitter_begin_table(emitter);
    for (size_t i = 0; i < tree->child_count; i++) process_view_child(emitter, tree->children[i], selection);
  }
  emitter_end(emitter);
  if (tree->rest.processes > 0) process_view_rest(emitter, &tree->rest);
  emitter_end_table(emitter);
}

static void add_program(struct tree *tree, const struct process *process) {
  struct process *copy = copy_of(tree, process);
  if (!copy) return;
  free(tree->program);
  tree->program = copy;
}

static void add_child(struct tree *tree, const struct process *process) {
  uint64_t peak = process->snapshot.total.peak_bytes;
  size_t at = tree->child_count;
  while (at > 0 && tree->children[at - 1]->snapshot.total.peak_bytes < peak) at--;
  struct process *copy = at < TREE_CHILDREN ? copy_of(tree, process) : NULL;
  if (!copy) {
    process_rest_add(&tree->rest, &process->snapshot);
    return;
  }
  if (tree->child_count == TREE_CHILDREN) {
    struct process *smallest = tree->children[--tree->child_count];
    process_rest_add(&tree->rest, &smallest->snapshot);
    free(smallest);
  }
  for (size_t i = tree->child_count++; i > at; i--) tree->children[i] = tree->children[i - 1];
  tree->children[at] = copy;
}

static struct process *copy_of(struct tree *tree, const struct process *process) {
  struct process *copy = malloc(sizeof *copy);
  if (copy) *copy = *process;
  if (!copy) tree->is_out_of_memory = true;
  return copy;
}
