/*
 * rule_view.h: what there is to say of the rules of a process: those that no block has matched.
 */
#ifndef RATION_TOOL_VIEW_RULE_VIEW_H
#define RATION_TOOL_VIEW_RULE_VIEW_H

#include "reader/snapshot.h"
#include "view/emitter.h"

/* `rules_unmatched` of an open object; in text a line for each category that has such rules. */
void rule_view_unmatched(struct emitter *emitter, const struct snapshot *snapshot);

/* Whether the process has fn: rules, which do not see all functions of every library. */
bool rule_view_has_functions(const struct snapshot *snapshot);

#endif
