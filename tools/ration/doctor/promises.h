/*
 * promises.h: what ration promises, over which allocator and on which machine: no more than its own tests show.
 */
#ifndef RATION_TOOL_DOCTOR_PROMISES_H
#define RATION_TOOL_DOCTOR_PROMISES_H

#include "view/emitter.h"

/* A table in text; in JSON the list `promises`. */
void promises_show(struct emitter *emitter);

#endif
