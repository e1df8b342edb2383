/*
 * page_rows.h: the table of the page heap, in the memory of a process that runs: whose a block is, and what the heap holds.
 *
 * It is read as it stands, while the process goes on: what makes no sense is taken for none of the heap's.
 */
#ifndef RATION_TOOL_READER_PAGE_ROWS_H
#define RATION_TOOL_READER_PAGE_ROWS_H

#include "reader/extents.h"
#include "reader/snapshot.h"

struct block_facts; /* reader/tags.h */

/* Whether the stretch lies in the page heap's region; never where there is none. */
bool page_rows_cover(const struct snapshot *snapshot, uint64_t start, uint64_t end);

/*
 * Whose the block is that begins at an address in the region; category 0: none does that the program holds. Returns 0,
 * or what remote_read() returns but -EFAULT.
 */
int page_rows_look_up(const struct snapshot *snapshot, uint64_t address, struct block_facts *ret_facts);

/*
 * Adds what pages and large blocks take up: pages whole, and of large blocks what is the program's, since the rest of
 * their span is never touched. Nothing where there is no page heap. Returns 0, -ENOMEM, or as above.
 */
int page_rows_add_extents(const struct snapshot *snapshot, struct extents *extents);

/* A census of its own, of this moment; but what went back so far is as the last one of the process's has it. Likewise. */
int page_rows_count(const struct snapshot *snapshot, struct holding_table *ret_table);

#endif
