/*
 * limits.h: the table of limits that a run has: the toolkit's defaults (ration/kit/limits.h), those raised that depend on
 * how many creatures there are, and what the user says.
 *
 *     active_creatures      at least 2 for each creature at the start
 *     cached_paths          1 for 10
 *     spatial_hash_entries  2 for each
 *     events                1 for 2
 *     render_commands       2 for each
 *     pooled_objects        the pages of as many memories as all active creatures may have
 */
#ifndef CREATURES_MEMORY_LIMITS_H
#define CREATURES_MEMORY_LIMITS_H

#include <ration/kit/limits.h>
#include <stddef.h>

#define LIMITS_CREATURES_MOST  ((size_t)1000000)
#define LIMITS_OF_ONE_MOST     ((size_t)65535) /* memories, relationships, learned behaviours */
#define LIMITS_COLLECTION_MOST ((size_t)UINT32_MAX - 1)
#define LIMITS_MEMORIES_A_PAGE 25u

/*
 * text: NAME=N,..., NULL: nothing. What it names it sets; pooled_objects follows what it says of the others. 0; -EINVAL,
 * -ENOENT, -EOVERFLOW: in *ret_wrong one line that says what is wrong and what to do, which holds until the next call;
 * -ENOMEM. After a failure limits is not made.
 */
int limits_fill(struct ration_limits *limits, struct ration_memory *memory, size_t creatures,
                const char *text, const char **ret_wrong);

/* Whether what counts that one has room for so many: 1. */
int limits_may_be(size_t index, uint64_t maximum);

/* The maximum that one has now; 0: there is no such. */
size_t limits_maximum(const struct ration_limits *limits, size_t index);

#endif
