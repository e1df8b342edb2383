/*
 * everything.h: all that is known of a subject, as JSON: each process's page with what the looks of `report` add to it.
 */
#ifndef RATION_TOOL_EXPORT_EVERYTHING_H
#define RATION_TOOL_EXPORT_EVERYTHING_H

#include "export/format.h"
#include "view/emitter.h"

/* The list `processes`. Returns 0, or what could not be read, with words. */
int everything_emit(struct emitter *emitter, const struct subject *subject,
                    const struct export_wishes *wishes, struct fault *ret_fault);

#endif
