/*
 * fault.h: why a segment or a process could not be read, in words for its user.
 *
 * Filled by the functions that return -errno, and only then: "what is wrong; what to do".
 */
#ifndef RATION_TOOL_READER_FAULT_H
#define RATION_TOOL_READER_FAULT_H

struct fault {
  char words[448];
};

/* Fills the fault and returns `error`, so that a check and its words stay together. */
int fault_set(struct fault *ret_fault, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
