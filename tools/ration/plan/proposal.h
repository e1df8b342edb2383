/*
 * proposal.h: a budget that a category would have kept to: its peak, and headroom, as a round size.
 *
 * Pure.
 */
#ifndef RATION_TOOL_PLAN_PROPOSAL_H
#define RATION_TOOL_PLAN_PROPOSAL_H

#include <stdint.h>

#define PROPOSAL_HEADROOM      25 /* percent */
#define PROPOSAL_HEADROOM_MOST 1000
#define PROPOSAL_LEAST         65536

/* At least PROPOSAL_LEAST; rounded up by at most a sixteenth to what proposal_write_size() writes in few digits. */
uint64_t proposal_bytes(uint64_t peak, uint64_t headroom_percent);

/* As settings have sizes: "192M". */
#define PROPOSAL_SIZE_BYTES 24
void proposal_write_size(uint64_t bytes, char ret_text[PROPOSAL_SIZE_BYTES]);

#endif
