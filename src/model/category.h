/*
 * category.h: the append-only tree of categories.
 *
 * A category is published by one compare-and-swap of its id's row number, after its row is complete; so a
 * reader sees it whole or not at all, also after SIGKILL, and nobody ever waits for anybody.
 *   id of a parent < id of its children;  ids are published in order, without gaps.
 */
#ifndef RATION_MODEL_CATEGORY_H
#define RATION_MODEL_CATEGORY_H

#include <stdint.h>

#include "model/budget.h"
#include "model/charge.h"
#include "model/segment.h"

#define CATEGORY_DEPTH_MOST      8
#define CATEGORY_PART_BYTES_MOST 63
#define CATEGORY_AUTOMATIC_MOST  150 /* of 250, so that the program's own always fit */

/* `total` and `other`, in a fresh segment. */
void category_add_fixed(struct segment *segment);

/*
 * The id of the category of this path, added if it is new, with those above it. `kind`: RATION_KIND_PROGRAM
 * or RATION_KIND_AUTOMATIC, for new ones. Returns 0; -EINVAL: not a path (see ration_category in ration.h);
 * -ENOSPC: all ids are taken; -ENOMEM: no memory for its row.
 */
int category_add(struct segment *segment, const char *path, uint8_t kind, uint32_t *ret_id);

/*
 * The same for a module: `folder` is "lib" or "bin", `name` its soname or file name, `origin` a hash of its
 * path. Bytes that a path may not hold become '_', long names are cut, and where another module already has
 * the name, "~2" and so on is added. NAMES.md: "Automatic categories".
 */
int category_add_module(struct segment *segment, const char *folder, const char *name, uint64_t origin,
                        uint32_t *ret_id);

/* May a category have this path, and is it one that has no other use: not `total`, not `other`? */
int category_is_named(const char *path);

/* Adds a copy of another segment's category under the next id, uncharged. Returns 0, -ENOSPC or -ENOMEM. */
int category_copy(struct segment *segment, const struct ration_segment_category *original);

/*
 * Bytes set aside: charged to the category, for blocks that come later. Take up to so many of them; put some there,
 * which have been charged. Any thread.
 */
uint64_t category_take_aside(struct segment *segment, uint32_t id, uint64_t bytes);
void category_put_aside(struct segment *segment, uint32_t id, uint64_t bytes);

/* Is the category this one, or below it? */
int category_is_below(const struct segment *segment, uint32_t id, uint32_t ancestor);

/* How many categories are published: ids 1 to this. */
uint32_t category_count(const struct segment *segment);

/*
 * Changes the charge of a category's own blocks and of its subtree and all above, each within the bounds of its budget,
 * and raises the peaks. Returns 0; -EDQUOT: a budget does not fit, the innermost of them is in *outcome; -ENOMEM: a
 * charge would leave its part of a word; then nothing has changed. A change goes up or down, never one way in bytes and
 * the other in allowance, since what was taken away might not be had back. Down it never fails.
 */
int category_charge(struct segment *segment, uint32_t id, struct charge_change change,
                    struct charge_right right, struct charge_outcome *outcome);

#endif
