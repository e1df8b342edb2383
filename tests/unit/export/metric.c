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
  metric_begin(to, &gauge);
  metric_begin(to, &counter);
  is("# HELP ration_live_bytes Live.\n# TYPE ration_live_bytes gauge\n# UNIT ration_live_bytes bytes\n"
     "# HELP ration_frees Freed.\n# TYPE ration_frees counter\n");
}

Test(metric, samples_of_counters_end_in_total, .init = set_up) {
  const struct label labels[] = {{"pid", "12"}, {"category", "lib/a.so"}};
  metric_sample(to, &gauge, labels, 2, UINT64_MAX);
  metric_sample(to, &counter, labels, 1, 0);
  metric_sample_real(to, &gauge, NULL, 0, -0.5);
  is("ration_live_bytes{pid=\"12\",category=\"lib/a.so\"} 18446744073709551615\n"
     "ration_frees_total{pid=\"12\"} 0\nration_live_bytes -0.5\n");
}

Test(metric, labels_hold_any_bytes, .init = set_up) {
  const struct label labels[] = {{"program", "a\"b\\c\nd\xff"}, {"session", ""}};
  metric_sample(to, &gauge, labels, 2, 1);
  is("ration_live_bytes{program=\"a\\\"b\\\\x5cc\\\\x0ad\\\\xff\",session=\"\"} 1\n");
}

Test(metric, labels_may_be_long, .init = set_up) {
  char *name = malloc(100001);
  memset(name, 'n', 100000);
  name[100000] = 0;
  metric_sample(to, &gauge, &(struct label){"program", name}, 1, 1);
  fclose(to);
  cr_expect_lt(size, 100000, "cut");
  cr_expect(strstr(text, "n\"} 1\n"), "and closed");
  free(text);
  free(name);
}
