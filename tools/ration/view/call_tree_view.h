/*
 * call_tree_view.h: a call tree in text; JSON has the sites that it is made of.
 */
#ifndef RATION_TOOL_VIEW_CALL_TREE_VIEW_H
#define RATION_TOOL_VIEW_CALL_TREE_VIEW_H

#include "sites/call_tree.h"
#include "sites/site_table.h"
#include "view/emitter.h"

/*
 * The branches that have at least half a percent of all. A function is set in only where there is another one beside it:
 * so a chain of calls goes straight down. Sorts the tree.
 */
void call_tree_view(struct emitter *emitter, struct call_node *root, enum site_order order);

#endif
