/*
 * pressure_words.c: one table for each set of numbers.
 */
#include "view/pressure_words.h"

#include <ration/segment.h>

const char *pressure_words_level(uint32_t level) {
  static const char *const words[] = {[RATION_LEVEL_NONE] = "none",
                                      [RATION_LEVEL_LOW] = "low",
                                      [RATION_LEVEL_MEDIUM] = "medium",
                                      [RATION_LEVEL_HIGH] = "high",
                                      [RATION_LEVEL_CRITICAL] = "critical"};
  return words[level];
}

const char *pressure_words_policy(uint32_t policy) {
  static const char *const words[] = {
      [RATION_POLICY_NOTIFY] = "notify", [RATION_POLICY_REFUSE] = "refuse", [RATION_POLICY_ABORT] = "abort"};
  return words[policy];
}

const char *pressure_words_dispatch(uint32_t dispatch) {
  static const char *const words[] = {[RATION_DISPATCH_DEFERRED] = "deferred",
                                      [RATION_DISPATCH_POLLED] = "polled",
                                      [RATION_DISPATCH_SYNCHRONOUS] = "synchronous"};
  return words[dispatch];
}

const char *pressure_words_misuse(uint64_t misuse) {
  static const char *const words[] = {[RATION_MISUSE_DOUBLE_FREE] = "double_free",
                                      [RATION_MISUSE_WILD_FREE] = "wild_free",
                                      [RATION_MISUSE_LATE_WRITE] = "late_write",
                                      [RATION_MISUSE_OVERRUN] = "overrun"};
  return misuse < sizeof words / sizeof *words ? words[misuse] : NULL;
}

const char *pressure_words_event(uint32_t kind) {
  static const char *const words[] = {[RATION_EVENT_PRESSURE] = "pressure",
                                      [RATION_EVENT_BREACH] = "breach",
                                      [RATION_EVENT_REFUSAL] = "refusal",
                                      [RATION_EVENT_HANDLER] = "handler",
                                      [RATION_EVENT_SAMPLE] = "sample",
                                      [RATION_EVENT_SAMPLE_FREED] = "sample_freed",
                                      [RATION_EVENT_CATEGORY] = "category",
                                      [RATION_EVENT_THREAD_START] = "thread_start",
                                      [RATION_EVENT_THREAD_END] = "thread_end",
                                      [RATION_EVENT_FORK] = "fork",
                                      [RATION_EVENT_EXEC] = "exec",
                                      [RATION_EVENT_MODULE] = "module",
                                      [RATION_EVENT_MARK] = "mark",
                                      [RATION_EVENT_MISUSE] = "misuse"};
  return words[kind];
}
