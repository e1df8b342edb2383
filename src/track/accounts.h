/*
 * accounts.h: memory that malloc never sees, as the program reports it.
 *
 * No lock, no allocation; errno may change. Where the process is passive nothing is noted, and all of these return 0.
 * What a forked child inherits it has in memory of its own (blocks) or is given with its books (accounts).
 */
#ifndef RATION_TRACK_ACCOUNTS_H
#define RATION_TRACK_ACCOUNTS_H

#include "model/account.h"
#include "model/segment.h"

/*
 * See ration/ration.h: ration_account_add, ration_account_remove, ration_account_block. All return 0 or -errno;
 * -EAGAIN: the process is just starting.
 */
int accounts_add(uint32_t category, uint64_t bytes);
int accounts_remove(uint32_t category, uint64_t bytes);
int accounts_block(uint32_t category, uint64_t address, uint64_t bytes);

/* `bytes` take the place of `replaced` in a category's account, as account_replace has it. */
int accounts_replace(uint32_t category, uint64_t replaced, uint64_t bytes);

/* A block or mapping could not be accounted for. */
void accounts_count_lost(void);

/* Opens a child's accounts with what its parent's held. What there is no memory for is counted as lost. */
void accounts_open_child(struct segment *child, const struct account_figures parents[RATION_CATEGORY_IDS]);

#endif
