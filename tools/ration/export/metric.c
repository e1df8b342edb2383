/*
 * metric.c: the text format of OpenMetrics, as far as gauges and counters need it.
 */
#include "export/metric.h"

#include <inttypes.h>
#include <string.h>

#include "view/escape.h"

#define VALUE_BYTES 2048

static void begin_sample(FILE *to, const struct metric *metric, const struct label *labels, size_t count);
static void write_value(FILE *to, const char *value);

void metric_begin(FILE *to, const struct metric *metric) {
  fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name, metric->type);
  if (metric->unit) fprintf(to, "# UNIT %s %s\n", metric->name, metric->unit);
}

void metric_sample(FILE *to, const struct metric *metric, const struct label *labels, size_t count,
                   uint64_t value) {
  begin_sample(to, metric, labels, count);
  fprintf(to, "%" PRIu64 "\n", value);
}

void metric_sample_real(FILE *to, const struct metric *metric, const struct label *labels, size_t count,
                        double value) {
  begin_sample(to, metric, labels, count);
  fprintf(to, "%.15g\n", value);
}

static void begin_sample(FILE *to, const struct metric *metric, const struct label *labels, size_t count) {
  fprintf(to, "%s%s", metric->name, strcmp(metric->type, "counter") == 0 ? "_total" : "");
  for (size_t i = 0; i < count; i++) {
    fprintf(to, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
    write_value(to, labels[i].value);
    fputc('"', to);
  }
  fputs(count > 0 ? "} " : " ", to);
}

/* What is left to escape of text without control bytes. */
static void write_value(FILE *to, const char *value) {
  char safe[VALUE_BYTES];
  escape(value, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (*at == '\\' || *at == '"') fputc('\\', to);
    fputc(*at, to);
  }
}
