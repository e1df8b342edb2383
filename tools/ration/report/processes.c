/*
 * processes.c: as text the tree that `ration run` shows; JSON has every process, in the order of the subject.
 */
#include "report/processes.h"

#include <errno.h>

#include "launch/tree.h"
#include "select.h"
#include "view/process_view.h"

static void show_all(struct emitter *emitter, const struct subject *subject);
static int show_tree(struct emitter *emitter, const struct subject *subject, struct fault *ret_fault);

int processes_show(struct emitter *emitter, const struct subject *subject, struct fault *ret_fault) {
  if (!emitter_is_json(emitter) && subject->count > 1) return show_tree(emitter, subject, ret_fault);
  show_all(emitter, subject);
  return 0;
}

static void show_all(struct emitter *emitter, const struct subject *subject) {
  emitter_begin_list(emitter, "processes");
  for (size_t i = 0; i < subject->count; i++) process_view_page(emitter, subject->processes[i], &selected);
  emitter_end(emitter);
}

static int show_tree(struct emitter *emitter, const struct subject *subject, struct fault *ret_fault) {
  struct tree tree = {.program = NULL};
  for (size_t i = 0; i < subject->count; i++) tree_add(&tree, subject->processes[i], i == 0);
  bool is_whole = !tree.is_out_of_memory;
  if (is_whole) tree_view(emitter, &tree, &selected);
  tree_free(&tree);
  return is_whole ? 0 : fault_set(ret_fault, -ENOMEM, "not enough memory to show its processes");
}
