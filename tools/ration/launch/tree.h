/*
 * tree.h: the process tree of a session, as far as it is shown: the started program, its largest children,
 * and the sum of the rest. Costs the same memory whether ten processes come or a million.
 */
#ifndef RATION_TOOL_LAUNCH_TREE_H
#define RATION_TOOL_LAUNCH_TREE_H

#include "view/process_view.h"

#define TREE_CHILDREN 20

struct tree {
  struct process *program;                 /* NULL: it never made a segment */
  struct process *children[TREE_CHILDREN]; /* by peak, the largest first */
  size_t child_count;
  struct process_rest rest;
  bool is_out_of_memory; /* then some were added to the rest that should stand for themselves */
};

/*
 * Takes a copy. Of the program, the image that it ended in is asked for; another one, as any that was replaced, counts
 * only if it did something worth showing.
 */
void tree_add(struct tree *tree, const struct process *process, bool is_program);
void tree_free(struct tree *tree);

/* The program's page, the children's table, in an open object. */
void tree_view(struct emitter *emitter, const struct tree *tree, const struct selection *selection);

#endif
