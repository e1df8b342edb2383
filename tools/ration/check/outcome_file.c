/*
 * outcome_file.c: texts from outside are escaped as for a terminal first, so that what is left is valid UTF-8 without
 * control bytes; then as the format wants it.
 */
#include "check/outcome_file.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "view/escape.h"

#define SAFE_BYTES (4 * VERDICT_BYTES)

static void write_suite(FILE *to, const struct verdict_list *list, const struct check_facts *facts);
static void write_case(FILE *to, const struct verdict *verdict);
static void write_attribute(FILE *to, const char *name, const char *value);
static void write_xml(FILE *to, const char *text);
static void write_description(FILE *to, const char *text);
static void write_diagnosis(FILE *to, const char *text);

void outcome_file_junit(FILE *to, const struct verdict_list *list, const struct check_facts *facts) {
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", to);
  write_suite(to, list, facts);
  fputs("</testsuites>\n", to);
}

/* Diagnoses as a block of YAML, indented by two. */
void outcome_file_tap(FILE *to, const struct verdict_list *list) {
  fprintf(to, "TAP version 13\n1..%zu\n", list->conditions->count);
  for (size_t i = 0; i < list->conditions->count; i++) {
    const struct verdict *verdict = &list->verdict[i];
    char name[VERDICT_BYTES], words[VERDICT_BYTES];
    bool is_met = verdict_state(verdict) == VERDICT_MET;
    verdict_name(verdict, name);
    verdict_words(verdict, words);
    fprintf(to, "%s %zu - ", is_met ? "ok" : "not ok", i + 1);
    write_description(to, name);
    fputc('\n', to);
    write_diagnosis(to, words);
  }
}

static void write_suite(FILE *to, const struct verdict_list *list, const struct check_facts *facts) {
  unsigned failures = 0, errors = 0;
  char host[256] = "", when[32] = "", name[VERDICT_BYTES];
  time_t started = (time_t)(facts->started_ns / 1000000000);
  struct tm utc;
  for (size_t i = 0; i < list->conditions->count; i++) {
    failures += verdict_state(&list->verdict[i]) == VERDICT_BROKEN;
    errors += verdict_state(&list->verdict[i]) == VERDICT_UNKNOWN;
  }
  if (gethostname(host, sizeof host - 1) != 0) snprintf(host, sizeof host, "localhost");
  if (gmtime_r(&started, &utc)) strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf(name, sizeof name, "ration check %.900s", facts->command);
  fputs("  <testsuite id=\"0\" package=\"ration\"", to);
  write_attribute(to, "name", name);
  write_attribute(to, "hostname", host);
  write_attribute(to, "timestamp", when);
  fprintf(to, " tests=\"%zu\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n    <properties/>\n",
          list->conditions->count, failures, errors, facts->seconds);
  for (size_t i = 0; i < list->conditions->count; i++) write_case(to, &list->verdict[i]);
  fputs("    <system-out>", to);
  for (size_t i = 0; i < list->conditions->count; i++) {
    verdict_words(&list->verdict[i], name);
    write_xml(to, name);
    fputc('\n', to);
  }
  fputs("</system-out>\n    <system-err/>\n  </testsuite>\n", to);
}

static void write_case(FILE *to, const struct verdict *verdict) {
  enum verdict_state state = verdict_state(verdict);
  char name[VERDICT_BYTES], words[VERDICT_BYTES];
  verdict_name(verdict, name);
  verdict_words(verdict, words);
  fputs("    <testcase classname=\"ration\"", to);
  write_attribute(to, "name", name);
  if (state == VERDICT_MET) {
    fputs(" time=\"0.000\"/>\n", to);
    return;
  }
  const char *element = state == VERDICT_BROKEN ? "failure" : "error";
  fprintf(to, " time=\"0.000\">\n      <%s", element);
  write_attribute(to, "type", state == VERDICT_BROKEN ? "broken" : "unknown");
  write_attribute(to, "message", words);
  fputc('>', to);
  write_xml(to, words);
  fprintf(to, "</%s>\n    </testcase>\n", element);
}

static void write_attribute(FILE *to, const char *name, const char *value) {
  fprintf(to, " %s=\"", name);
  write_xml(to, value);
  fputc('"', to);
}

/* U+FFFE and U+FFFF are UTF-8, but nothing that XML may hold. */
static void write_xml(FILE *to, const char *text) {
  char safe[SAFE_BYTES];
  escape_words(text, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0) {
      fputc('?', to);
      at += 2;
    } else if (strchr("<>&\"", *at)) {
      fprintf(to, "&#%d;", *at);
    } else {
      fputc(*at, to);
    }
  }
}

/* What stands behind a # would be a directive. */
static void write_description(FILE *to, const char *text) {
  char safe[SAFE_BYTES];
  escape_words(text, safe, sizeof safe);
  for (const char *at = safe; *at; at++) {
    if (*at == '#' || *at == '\\') fputc('\\', to);
    fputc(*at, to);
  }
}

/* A scalar in single quotes, in which a quote stands for itself where it is doubled. */
static void write_diagnosis(FILE *to, const char *text) {
  char safe[SAFE_BYTES];
  escape_words(text, safe, sizeof safe);
  fputs("  ---\n  message: '", to);
  for (const char *at = safe; *at; at++) {
    if (*at == '\'') fputc('\'', to);
    fputc(*at, to);
  }
  fputs("'\n  ...\n", to);
}
