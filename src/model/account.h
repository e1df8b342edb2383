/*
 * account.h: the bytes that a category has outside the heap, and the most that they have been.
 *
 * Pure: compare-and-swap on the rows of a segment's table. Relaxed order throughout: a figure publishes no other
 * memory, and each word is exact by itself. The peak is raised a moment after its figure.
 */
#ifndef RATION_MODEL_ACCOUNT_H
#define RATION_MODEL_ACCOUNT_H

#include "model/segment.h"

#define ACCOUNT_BYTES_MOST ((uint64_t)INT64_MAX) /* JSON knows no larger whole number */

/* What an account holds, kept while the segment that it lies in is another process's. */
struct account_figures {
  uint64_t live_bytes;
  uint64_t peak_bytes;
};

/*
 * The row of a published category; its table is made present at the first call. Returns 0; -EINVAL: no such category;
 * -ENOMEM: no memory for the table.
 */
int account_row(struct segment *segment, uint32_t category, struct ration_segment_account **ret_account);

/* Returns 0; -EOVERFLOW: over ACCOUNT_BYTES_MOST, and nothing has changed. */
int account_add(struct ration_segment_account *account, uint64_t bytes);

/* Returns 0; -EINVAL: the account holds less, and nothing has changed. */
int account_remove(struct ration_segment_account *account, uint64_t bytes);

/*
 * `bytes` take the place of `replaced` in one step, so that the peak is none that never was. Where the account holds
 * less than `replaced` (others have removed it), all that it holds goes; *ret_change is by how much it has changed.
 * Returns 0; -EOVERFLOW: nothing has changed.
 */
int account_replace(struct ration_segment_account *account, uint64_t replaced, uint64_t bytes,
                    int64_t *ret_change);

/*
 * Notes what all accounts hold, by category id; and opens those of a fresh segment with it. The latter returns 0 or
 * -ENOMEM.
 */
void account_note_all(const struct segment *segment, struct account_figures ret_figures[RATION_CATEGORY_IDS]);
int account_open_all(struct segment *segment, const struct account_figures figures[RATION_CATEGORY_IDS]);

/* What the accounts of a category and of all below it hold. */
uint64_t account_sum_subtree(const struct segment *segment, uint32_t category);

/* Holds at rest only. */
int account_is_valid(const struct ration_segment_account *account);

#endif
