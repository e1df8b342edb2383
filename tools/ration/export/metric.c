/*
 * metric.c: the text formats of metrics, as far as gauges and counters need them.
 */
#include "export/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/escape.h"

#define DIGITS     32   /* that a number may have */
#define WHOLE_MOST 1e15 /* smaller ones are printed with all their digits */
#define ROOM_LEAST 1024

/* From its last digit on. */
struct number {
  char digits[DIGITS];
  size_t first;
};

static bool is_counter(const struct metric *metric);
static bool has_room(struct metric_text *text, size_t more);
static bool set_room(struct metric_text *text, size_t room);
static void add(struct metric_text *text, const char *word);
static void add_label(struct metric_text *to, const struct label *label);
static struct number number_of(uint64_t value);
static void add_line(struct metric_text *to, const struct metric *metric, const char *labels,
                     const char *more, const char *value, size_t value_bytes);

void metric_text_free(struct metric_text *text) {
  free(text->bytes);
  *text = (struct metric_text){.bytes = NULL};
}

void metric_text_reserve(struct metric_text *text, size_t bytes) {
  if (bytes > text->room) set_room(text, bytes);
}

void metric_text_add(struct metric_text *text, const char *bytes, size_t count) {
  if (!has_room(text, count)) return;
  memcpy(text->bytes + text->used, bytes, count);
  text->used += count;
}

void metric_begin(struct metric_text *to, const struct metric *metric, enum metric_dialect dialect) {
  const char *end = dialect == METRIC_TEXT && is_counter(metric) ? "_total" : "";
  const char *const words[] = {"# HELP ", metric->name, end, " ", metric->help, "\n",
                               "# TYPE ", metric->name, end, " ", metric->type, "\n"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) add(to, words[i]);
  const char *const unit[] = {"# UNIT ", metric->name, " ", metric->unit, "\n"};
  for (size_t i = 0; metric->unit && dialect == METRIC_OPEN && i < sizeof unit / sizeof *unit; i++)
    add(to, unit[i]);
}

void metric_end(struct metric_text *to, enum metric_dialect dialect) {
  if (dialect == METRIC_OPEN) add(to, "# EOF\n");
}

void metric_labels(struct metric_text *to, const struct label *labels, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i > 0) add(to, ",");
    add_label(to, &labels[i]);
  }
  if (has_room(to, 1)) to->bytes[to->used++] = 0;
}

void metric_sample(struct metric_text *to, const struct metric *metric, const char *labels, const char *more,
                   uint64_t value) {
  struct number number = number_of(value);
  add_line(to, metric, labels, more, number.digits + number.first, DIGITS - number.first);
}

/* Whole numbers have the same digits as others, and are most of them. */
void metric_sample_real(struct metric_text *to, const struct metric *metric, const char *labels,
                        const char *more, double value) {
  char text[DIGITS];
  if (value >= 0 && value < WHOLE_MOST && !signbit(value) && value == (double)(uint64_t)value) {
    metric_sample(to, metric, labels, more, (uint64_t)value);
  } else {
    int length = snprintf(text, sizeof text, "%.15g", value);
    add_line(to, metric, labels, more, text, (size_t)length);
  }
}

static bool is_counter(const struct metric *metric) {
  return metric->type[0] == 'c';
}

static bool has_room(struct metric_text *text, size_t more) {
  if (text->room - text->used >= more) return true;
  size_t room = text->room ? text->room : ROOM_LEAST;
  while (room - text->used < more) room *= 2;
  return set_room(text, room);
}

static bool set_room(struct metric_text *text, size_t room) {
  char *grown = realloc(text->bytes, room);
  if (!grown) {
    text->is_lossy = true;
    return false;
  }
  text->bytes = grown;
  text->room = room;
  return true;
}

static void add(struct metric_text *text, const char *word) {
  metric_text_add(text, word, strlen(word));
}

/* Of text without control bytes, what is left to escape. */
static void add_label(struct metric_text *to, const struct label *label) {
  char safe[METRIC_LABEL_BYTES], value[2 * METRIC_LABEL_BYTES], *end = value;
  escape(label->value, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (*at == '\\' || *at == '"') *end++ = '\\';
    *end++ = *at;
  }
  *end = 0;
  add(to, label->name);
  add(to, "=\"");
  add(to, value);
  add(to, "\"");
}

static struct number number_of(uint64_t value) {
  struct number number;
  number.first = DIGITS;
  do {
    number.digits[--number.first] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  return number;
}

/* There are very many. */
static void add_line(struct metric_text *to, const struct metric *metric, const char *labels,
                     const char *more, const char *value, size_t value_bytes) {
  size_t labels_bytes = labels ? strlen(labels) : 0, more_bytes = more ? strlen(more) : 0;
  if (!has_room(to, strlen(metric->name) + labels_bytes + more_bytes + value_bytes + sizeof "_total{,} \n"))
    return;
  char *at = stpcpy(to->bytes + to->used, metric->name);
  if (is_counter(metric)) at = stpcpy(at, "_total");
  if (labels || more) *at++ = '{';
  if (labels) at = mempcpy(at, labels, labels_bytes);
  if (labels && more) *at++ = ',';
  if (more) at = mempcpy(at, more, more_bytes);
  if (labels || more) *at++ = '}';
  *at++ = ' ';
  at = mempcpy(at, value, value_bytes);
  *at++ = '\n';
  to->used = (size_t)(at - to->bytes);
}
