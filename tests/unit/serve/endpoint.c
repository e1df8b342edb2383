/*
 * Tests of serve/endpoint.c: which paths there are, and what may stand behind them.
 */
#include "serve/endpoint.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void finds(const char *path, answer_maker *make, uint32_t expected_pid) {
  uint32_t pid = 7;
  const struct endpoint *endpoint = endpoint_find(path, &pid);
  cr_assert(endpoint, "%s", path);
  cr_expect_eq(endpoint->make, make, "%s", path);
  cr_expect_eq(pid, expected_pid, "%s", path);
}

Test(endpoint, each_has_its_path) {
  finds("/", page_answer, 0);
  finds("/metrics", metrics_answer, 0);
  finds("/api/v1/processes", processes_answer, 0);
  finds("/api/v1/processes/42", process_answer, 42);
  finds("/api/v1/processes/2147483647/timeline", timeline_answer, 2147483647);
  finds("/api/v1/processes/1/sites", sites_answer, 1);
  finds("/debug/pprof/", profile_index_answer, 0);
  finds("/debug/pprof/heap", profile_answer, 0);
}

Test(endpoint, others_have_none) {
  static const char *const paths[] = {"",
                                      "metrics",
                                      "//",
                                      "/metrics/",
                                      "/metric",
                                      "/../metrics",
                                      "/api/v1/processes/",
                                      "/api/v1/processes/0",
                                      "/api/v1/processes/x",
                                      "/api/v1/processes/1x",
                                      "/api/v1/processes/1/",
                                      "/api/v1/processes/2147483648",
                                      "/api/v1/processes/99999999999999999999",
                                      "/api/v1/processes/*"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    uint32_t pid = 7;
    cr_expect_null(endpoint_find(paths[i], &pid), "%s", paths[i]);
    cr_expect_eq(pid, 0u, "%s", paths[i]);
  }
}

static int takes(struct question *question, const char *name, const char *value) {
  struct fault fault;
  return endpoint_take(question, name, value, &fault);
}

Test(endpoint, arguments_are_taken) {
  struct question question = {.pid = 0};
  cr_expect_eq(takes(&question, "pid", "42"), 0);
  cr_expect_eq(takes(&question, "program", "a b"), 0);
  cr_expect_eq(takes(&question, "since", "1.5"), 0);
  cr_expect_eq(takes(&question, "unknown", NULL), 0);
  cr_expect_eq(question.pid, 42u);
  cr_expect_str_eq(question.program, "a b");
  cr_expect_float_eq(question.since_seconds, 1.5, 0);
}

Test(endpoint, arguments_that_make_no_sense_are_refused) {
  char name[QUESTION_PROGRAM_BYTES + 1] = {0};
  struct question question = {.pid = 0};
  for (size_t i = 0; i < QUESTION_PROGRAM_BYTES; i++) name[i] = 'n';
  cr_expect_eq(takes(&question, "pid", ""), -EINVAL);
  cr_expect_eq(takes(&question, "pid", "0"), -EINVAL);
  cr_expect_eq(takes(&question, "pid", "4 2"), -EINVAL);
  cr_expect_eq(takes(&question, "pid", NULL), -EINVAL);
  cr_expect_eq(takes(&question, "program", ""), -EINVAL);
  cr_expect_eq(takes(&question, "program", name), -EINVAL);
  cr_expect_eq(takes(&question, "since", "-1"), -EINVAL);
  cr_expect_eq(takes(&question, "since", "nan"), -EINVAL);
  cr_expect_eq(takes(&question, "since", "inf"), -EINVAL);
  cr_expect_eq(takes(&question, "since", "1s"), -EINVAL);
  cr_expect_eq(takes(&question, "seconds", "5"), -EINVAL);
}

Test(endpoint, metrics_are_in_the_format_that_is_understood) {
  cr_expect_eq(endpoint_dialect(NULL), METRIC_OPEN);
  cr_expect_eq(endpoint_dialect("*/*"), METRIC_OPEN);
  cr_expect_eq(endpoint_dialect("text/html"), METRIC_OPEN);
  cr_expect_eq(endpoint_dialect("text/plain;version=0.0.4"), METRIC_TEXT);
  cr_expect_eq(endpoint_dialect("application/openmetrics-text; version=0.0.1,text/plain;q=0.5"), METRIC_OPEN);
}

static void unescapes(const char *text, const char *expected) {
  char place[64];
  snprintf(place, sizeof place, "%s", text);
  cr_expect_eq(endpoint_unescape(place), strlen(expected), "%s", text);
  cr_expect_str_eq(place, expected);
}

Test(endpoint, escapes_are_what_they_stand_for_but_no_text_ends_at_one) {
  unescapes("/metrics", "/metrics");
  unescapes("/metr%69cs%2F%2f", "/metrics//");
  unescapes("%c3%A4%01%ff", "\xc3\xa4\x01\xff");
  unescapes("%2541", "%41");
  unescapes("/metrics%00x", "/metrics%00x");
  unescapes("%00", "%00");
  unescapes("a%", "a%");
  unescapes("a%4", "a%4");
  unescapes("%4g%g4%%41", "%4g%g4%A");
  unescapes("%:0%@0%`0%G0", "%:0%@0%`0%G0");
}
