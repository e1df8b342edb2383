/*
 * pressure_words.h: the numbers by which a segment names levels, policies, dispatches and kinds of event, as words.
 */
#ifndef RATION_TOOL_VIEW_PRESSURE_WORDS_H
#define RATION_TOOL_VIEW_PRESSURE_WORDS_H

#include <stdint.h>

/* What RATION_MISUSE_* is called; NULL: a newer version's. */
const char *pressure_words_misuse(uint64_t misuse);

/* The number must be one of those that segment.h has: the lists of the reader hold no others. */
const char *pressure_words_level(uint32_t level);
const char *pressure_words_policy(uint32_t policy);
const char *pressure_words_dispatch(uint32_t dispatch);
const char *pressure_words_event(uint32_t kind);

#endif
