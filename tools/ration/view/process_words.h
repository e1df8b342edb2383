/*
 * process_words.h: the numbers of a segment and the states of a process, in words.
 */
#ifndef RATION_TOOL_VIEW_PROCESS_WORDS_H
#define RATION_TOOL_VIEW_PROCESS_WORDS_H

#include "reader/process.h"

const char *process_words_state(enum process_state state);

/* NULL: a heap that this reader does not know. */
const char *process_words_heap(uint32_t heap);
const char *process_words_unwind(uint32_t unwind);

/* One word for JSON, and a sentence; NULL: the page heap was not asked for, or is used. */
const char *process_words_heap_refusal(uint32_t refusal);
const char *process_words_heap_refusal_reason(uint32_t refusal);

/* One word for JSON, and a sentence that says what to do; NULL: not passive. */
const char *process_words_passive(uint32_t passive);
const char *process_words_passive_reason(uint32_t passive);

#endif
