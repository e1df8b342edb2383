/*
 * Tests of export/metric.c: heads, samples, and what labels must not do to their line.
 */
#include "export/metric.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct metric_text text;

static void is(const char *expected) {
  cr_assert_not(text.is_lossy);
  cr_assert_eq(text.used, strlen(expected), "%.*s", (int)text.used, text.bytes);
  cr_assert_eq(memcmp(text.bytes, expected, text.used), 0, "%.*s", (int)text.used, text.bytes);
  metric_text_free(&text);
}

/* Of labels; to be freed. */
static char *labels_of(const struct label *labels, size_t count) {
  struct metric_text words = {.bytes = NULL};
  metric_labels(&words, labels, count);
  cr_assert_eq(words.used, strlen(words.bytes) + 1);
  return words.bytes;
}

static const struct metric gauge = {"ration_live_bytes", "gauge", "bytes", "Live."};
static const struct metric counter = {"ration_frees", "counter", NULL, "Freed."};

Test(metric, a_family_has_a_head) {
  metric_begin(&text, &gauge, METRIC_OPEN);
  metric_begin(&text, &counter, METRIC_OPEN);
  metric_end(&text, METRIC_OPEN);
  is("# HELP ration_live_bytes Live.\n# TYPE ration_live_bytes gauge\n# UNIT ration_live_bytes bytes\n"
     "# HELP ration_frees Freed.\n# TYPE ration_frees counter\n# EOF\n");
}

Test(metric, in_the_older_format_counters_have_the_name_of_their_samples) {
  metric_begin(&text, &gauge, METRIC_TEXT);
  metric_begin(&text, &counter, METRIC_TEXT);
  metric_end(&text, METRIC_TEXT);
  is("# HELP ration_live_bytes Live.\n# TYPE ration_live_bytes gauge\n"
     "# HELP ration_frees_total Freed.\n# TYPE ration_frees_total counter\n");
}

Test(metric, samples_of_counters_end_in_total) {
  const struct label labels[] = {{"pid", "12"}, {"category", "lib/a.so"}};
  char *two = labels_of(labels, 2), *one = labels_of(labels, 1), *none = labels_of(NULL, 0);
  metric_sample(&text, &gauge, two, NULL, UINT64_MAX);
  metric_sample(&text, &counter, one, NULL, 0);
  metric_sample(&text, &counter, one, "what=\"x\"", 7);
  metric_sample(&text, &counter, NULL, "what=\"x\"", 8);
  metric_sample_real(&text, &gauge, NULL, NULL, -0.5);
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
  char *escaped = labels_of(labels, 2);
  cr_expect_str_eq(escaped, "program=\"a\\\"b\\\\x5cc\\\\x0ad\\\\xff\",session=\"\"");
  free(escaped);
}

Test(metric, labels_may_be_long) {
  char *name = malloc(100001);
  memset(name, 'n', 100000);
  name[100000] = 0;
  char *labels = labels_of(&(struct label){"program", name}, 1);
  cr_expect_lt(strlen(labels), METRIC_LABEL_BYTES + strlen("program=\"\""), "cut");
  cr_expect_str_eq(labels + strlen(labels) - 2, "n\"", "and closed");
  free(labels);
  free(name);
}

Test(metric, whole_numbers_are_whole) {
  metric_sample_real(&text, &gauge, NULL, NULL, 0);
  metric_sample_real(&text, &gauge, NULL, NULL, -0.0);
  metric_sample_real(&text, &gauge, NULL, NULL, -36000);
  metric_sample_real(&text, &gauge, NULL, NULL, 999999999999999.0);
  metric_sample_real(&text, &gauge, NULL, NULL, 1e15);
  metric_sample_real(&text, &gauge, NULL, NULL, 0.25);
  is("ration_live_bytes 0\nration_live_bytes -0\nration_live_bytes -36000\nration_live_bytes "
     "999999999999999\n"
     "ration_live_bytes 1e+15\nration_live_bytes 0.25\n");
}

Test(metric, lines_may_be_long) {
  char *label = malloc(100001);
  memset(label, 'n', 100000);
  label[100000] = 0;
  metric_sample(&text, &gauge, label, label, 7);
  cr_expect_eq(text.used, strlen("ration_live_bytes{,} 7\n") + 200000);
  cr_expect_eq(memcmp(text.bytes + text.used - 6, "nn} 7\n", 6), 0);
  metric_text_free(&text);
  free(label);
}
