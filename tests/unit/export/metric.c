/*
 * Tests of export/metric.c: heads, samples, and what labels must not do to their line.
 */
#include "export/metric.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t size;
static FILE *to;

static void set_up(void) {
  to = open_memstream(&text, &size);
}

static void is(const char *expected) {
  fclose(to);
  cr_assert_str_eq(text, expected, "%s", text);
  free(text);
}

static const struct metric gauge = {"ration_live_bytes", "gauge", "bytes", "Live."};
static const struct metric counter = {"ration_frees", "counter", NULL, "Freed."};

Test(metric, a_family_has_a_head, .init = set_up) {
  metric_begin(to, &gauge, METRIC_OPEN);
  metric_begin(to, &counter, METRIC_OPEN);
  metric_end(to, METRIC_OPEN);
  is("# HELP ration_live_bytes Live.\n# TYPE ration_live_bytes gauge\n# UNIT ration_live_bytes bytes\n"
     "# HELP ration_frees Freed.\n# TYPE ration_frees counter\n# EOF\n");
}

Test(metric, in_the_older_format_counters_have_the_name_of_their_samples, .init = set_up) {
  metric_begin(to, &gauge, METRIC_TEXT);
  metric_begin(to, &counter, METRIC_TEXT);
  metric_end(to, METRIC_TEXT);
  is("# HELP ration_live_bytes Live.\n# TYPE ration_live_bytes gauge\n"
     "# HELP ration_frees_total Freed.\n# TYPE ration_frees_total counter\n");
}

Test(metric, samples_of_counters_end_in_total, .init = set_up) {
  const struct label labels[] = {{"pid", "12"}, {"category", "lib/a.so"}};
  char *two = metric_labels(labels, 2), *one = metric_labels(labels, 1), *none = metric_labels(NULL, 0);
  metric_sample(to, &gauge, two, NULL, UINT64_MAX);
  metric_sample(to, &counter, one, NULL, 0);
  metric_sample(to, &counter, one, "what=\"x\"", 7);
  metric_sample(to, &counter, NULL, "what=\"x\"", 8);
  metric_sample_real(to, &gauge, NULL, NULL, -0.5);
  cr_expect_str_eq(none, "");
  free(two);
  free(one);
  free(none);
  is("ration_live_bytes{pid=\"12\",category=\"lib/a.so\"} 18446744073709551615\n"
     "ration_frees_total{pid=\"12\"} 0\nration_frees_total{pid=\"12\",what=\"x\"} 7\n"
     "ration_frees_total{what=\"x\"} 8\nration_live_bytes -0.5\n");
}

Test(metric, labels_hold_any_bytes) {
  const struct label labels[] = {{"program", "a\"b\\c\nd\xff"}, {"session", ""}};
  char *escaped = metric_labels(labels, 2);
  cr_expect_str_eq(escaped, "program=\"a\\\"b\\\\x5cc\\\\x0ad\\\\xff\",session=\"\"");
  free(escaped);
}

Test(metric, labels_may_be_long) {
  char *name = malloc(100001);
  memset(name, 'n', 100000);
  name[100000] = 0;
  char *labels = metric_labels(&(struct label){"program", name}, 1);
  cr_expect_lt(strlen(labels), METRIC_LABEL_BYTES + strlen("program=\"\""), "cut");
  cr_expect_str_eq(labels + strlen(labels) - 2, "n\"", "and closed");
  free(labels);
  free(name);
}
