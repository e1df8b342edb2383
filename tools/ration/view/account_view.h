/*
 * account_view.h: memory that malloc never sees, as a table of its own: no part of `total`.
 */
#ifndef RATION_TOOL_VIEW_ACCOUNT_VIEW_H
#define RATION_TOOL_VIEW_ACCOUNT_VIEW_H

#include "reader/selection.h"
#include "view/emitter.h"

/* `accounts` of an open object: of those categories that are selected and have any. In text a blank line first. */
void account_view_table(struct emitter *emitter, const struct snapshot *snapshot,
                        const struct selection *selection);

#endif
