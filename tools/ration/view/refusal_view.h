/*
 * refusal_view.h: who asked for memory and did not get it.
 */
#ifndef RATION_TOOL_VIEW_REFUSAL_VIEW_H
#define RATION_TOOL_VIEW_REFUSAL_VIEW_H

#include "reader/process.h"
#include "reader/selection.h"
#include "view/emitter.h"

#define REFUSAL_ASKER_BYTES 128

/* `refusals` of an open object: in those categories that are selected. In text the first few, a blank line before. */
void refusal_view_table(struct emitter *emitter, const struct process *process,
                        const struct selection *selection);

/* "libfoo.so.1+0x1234", or "" where the module is not known. */
void refusal_view_asker(const struct refusal_facts *facts, char ret_words[REFUSAL_ASKER_BYTES]);

#endif
