/*
 * code.h: what is known of a piece of the program's code: which rule it fits, whether it is a wrapper, and the category
 * of the module that it lies in.
 *
 * A wrapper allocates on behalf of its caller: a function that the option `wrapper` names, or any of a library that the
 * option `transparent` names; and the shim.
 *
 * In-malloc: no lock. Answers are remembered in tables of single words that all threads share: relaxed, since a word
 * is all there is, and a wrong one cannot be put together from two.
 */
#ifndef RATION_TRACK_CODE_H
#define RATION_TRACK_CODE_H

#include <stdint.h>

struct code {
  uint16_t rule; /* of its function or module: see model/rules.h; RULES_NONE */
  int is_wrapper;
};

/* At start: what has to be read of the modules that are loaded now. */
void code_prepare(void);

/* `generation` is raised by every dlclose: what was known before holds no longer. */
struct code code_at(uintptr_t address, uint64_t generation);

/* The category that is named after the module; `other`, counted, where there is no room for it. */
uint32_t code_category(uintptr_t address, uint64_t generation);

#endif
