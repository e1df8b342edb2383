/*
 * category_named.h: the category of a process that a user names by its path.
 */
#ifndef RATION_TOOL_READER_CATEGORY_NAMED_H
#define RATION_TOOL_READER_CATEGORY_NAMED_H

#include "reader/snapshot.h"

/* Its id; 0: there is none of that name. */
uint32_t category_named(const struct snapshot *snapshot, const char *name, size_t bytes);

#endif
