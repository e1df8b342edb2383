/*
 * fit.h: what ration may say, whatever it has read: words for a failure, JSON that is some, text without control bytes.
 */
#ifndef RATION_FUZZ_FIT_H
#define RATION_FUZZ_FIT_H

#include <stddef.h>

#include "reader/fault.h"

/* Each ends the program where it is not so. */
void fit_fault(const struct fault *fault);
void fit_json(const char *bytes, size_t size);
void fit_text(const char *bytes, size_t size);

#endif
