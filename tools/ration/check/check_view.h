/*
 * check_view.h: the conditions of a `ration check`, and how far they were met: a table, and the list `conditions`.
 */
#ifndef RATION_TOOL_CHECK_CHECK_VIEW_H
#define RATION_TOOL_CHECK_CHECK_VIEW_H

#include "check/verdict.h"
#include "view/emitter.h"

void check_view(struct emitter *emitter, const struct verdict_list *list);

#endif
