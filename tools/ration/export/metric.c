/*
 * metric.c: the text formats of metrics, as far as gauges and counters need them.
 */
#include "export/metric.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "view/escape.h"

static bool is_counter(const struct metric *metric);
static void write_value(FILE *to, const char *value);
static void begin_sample(FILE *to, const struct metric *metric, const char *labels, const char *more);

void metric_begin(FILE *to, const struct metric *metric, enum metric_dialect dialect) {
  const char *end = dialect == METRIC_TEXT && is_counter(metric) ? "_total" : "";
  fprintf(to, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, end, metric->help, metric->name, end,
          metric->type);
  if (metric->unit && dialect == METRIC_OPEN) fprintf(to, "# UNIT %s %s\n", metric->name, metric->unit);
}

void metric_end(FILE *to, enum metric_dialect dialect) {
  if (dialect == METRIC_OPEN) fputs("# EOF\n", to);
}

char *metric_labels(const struct label *labels, size_t count) {
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  if (!to) return NULL;
  for (size_t i = 0; i < count; i++) {
    fprintf(to, "%s%s=\"", i == 0 ? "" : ",", labels[i].name);
    write_value(to, labels[i].value);
    fputc('"', to);
  }
  bool is_whole = !ferror(to);
  if (fclose(to) == 0 && is_whole) return text;
  free(text);
  return NULL;
}

void metric_sample(FILE *to, const struct metric *metric, const char *labels, const char *more,
                   uint64_t value) {
  begin_sample(to, metric, labels, more);
  fprintf(to, " %" PRIu64 "\n", value);
}

void metric_sample_real(FILE *to, const struct metric *metric, const char *labels, const char *more,
                        double value) {
  begin_sample(to, metric, labels, more);
  fprintf(to, " %.15g\n", value);
}

static bool is_counter(const struct metric *metric) {
  return strcmp(metric->type, "counter") == 0;
}

/* What is left to escape of text without control bytes. */
static void write_value(FILE *to, const char *value) {
  char safe[METRIC_LABEL_BYTES];
  escape(value, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (*at == '\\' || *at == '"') fputc('\\', to);
    fputc(*at, to);
  }
}

static void begin_sample(FILE *to, const struct metric *metric, const char *labels, const char *more) {
  fputs(metric->name, to);
  if (is_counter(metric)) fputs("_total", to);
  if (!labels && !more) return;
  fputc('{', to);
  if (labels) fputs(labels, to);
  if (labels && more) fputc(',', to);
  if (more) fputs(more, to);
  fputc('}', to);
}
