/*
 * inline_chain.h: the function that an address is in, and those that it was inlined into, by debug information.
 */
#ifndef RATION_TOOL_SYMBOLS_INLINE_CHAIN_H
#define RATION_TOOL_SYMBOLS_INLINE_CHAIN_H

#include "symbols/function_name.h"
#include "symbols/symbol_frame.h"

/*
 * Of the code at this very address; frames come from the store. Where a line is known, but no function, the one frame
 * has none. Returns 0; -ENOENT: nothing is known; or -ENOMEM.
 */
int inline_chain_find(struct debug_info *info, struct function_names *names, uint64_t address,
                      struct store *store, struct symbol_frame **ret_frames, size_t *ret_count);

#endif
