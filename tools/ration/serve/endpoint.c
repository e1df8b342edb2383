/*
 * endpoint.c: paths are compared, and lead to no file.
 */
#include "serve/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const struct endpoint endpoints[] = {
    {"/", page_answer, LANE_FIGURES, true, false},
    {"/metrics", metrics_answer, LANE_FIGURES, false, false},
    {"/api/v1/processes", processes_answer, LANE_FIGURES, false, true},
    {"/api/v1/processes/*", process_answer, LANE_FIGURES, false, true},
    {"/api/v1/processes/*/timeline", timeline_answer, LANE_FIGURES, false, true},
    {"/api/v1/processes/*/sites", sites_answer, LANE_STACKS, false, true},
    {"/debug/pprof/", profile_index_answer, LANE_FIGURES, false, false},
    {"/debug/pprof/heap", profile_answer, LANE_STACKS, false, false},
};

static int digit(char sign);
static bool fits(const char *pattern, const char *path, uint32_t *ret_pid);
static size_t read_pid(const char *text, uint32_t *ret_pid);

size_t endpoint_unescape(char *text) {
  char *to = text;
  for (const char *at = text; *at; at++) {
    int high = *at == '%' ? digit(at[1]) : -1, low = high < 0 ? -1 : digit(at[2]);
    bool is_escape = low >= 0 && high + low > 0;
    if (is_escape) {
      unsigned char byte = (unsigned char)(high << 4 | low);
      memcpy(to++, &byte, 1);
      at += 2;
    } else {
      *to++ = *at;
    }
  }
  *to = 0;
  return (size_t)(to - text);
}

/* Below 0: it is none. */
static int digit(char sign) {
  if (sign >= '0' && sign <= '9') return sign - '0';
  int small = sign | 0x20;
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

const struct endpoint *endpoint_find(const char *path, uint32_t *ret_pid) {
  *ret_pid = 0;
  for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++)
    if (fits(endpoints[i].path, path, ret_pid)) return &endpoints[i];
  return NULL;
}

int endpoint_take(struct question *question, const char *name, const char *value, struct fault *ret_fault) {
  if (!value) value = "";
  if (strcmp(name, "pid") == 0) {
    size_t digits = read_pid(value, &question->pid);
    if (digits > 0 && value[digits] == 0) return 0;
    return fault_set(ret_fault, -EINVAL, "pid: `%.32s`: a pid expected", value);
  }
  if (strcmp(name, "program") == 0) {
    if (value[0] && strlen(value) < sizeof question->program) {
      memcpy(question->program, value, strlen(value) + 1);
      return 0;
    }
    return fault_set(ret_fault, -EINVAL, "program: `%.32s`: the name of a program expected", value);
  }
  if (strcmp(name, "since") == 0) {
    char *end;
    question->since_seconds = strtod(value, &end);
    if (end > value && *end == 0 && question->since_seconds >= 0 && question->since_seconds < 1e10) return 0;
    return fault_set(ret_fault, -EINVAL, "since: `%.32s`: seconds expected", value);
  }
  if (strcmp(name, "seconds") == 0)
    return fault_set(ret_fault, -EINVAL, "seconds: profiles are of one moment; leave it out");
  return 0; /* others mean nothing here, as anywhere on the web */
}

/* OpenMetrics, unless it is the older format alone that is known. */
enum metric_dialect endpoint_dialect(const char *accept) {
  if (!accept || strstr(accept, "application/openmetrics-text")) return METRIC_OPEN;
  return strstr(accept, "text/plain") ? METRIC_TEXT : METRIC_OPEN;
}

static bool fits(const char *pattern, const char *path, uint32_t *ret_pid) {
  uint32_t pid = 0;
  for (; *pattern; pattern++) {
    if (*pattern != '*') {
      if (*path++ != *pattern) return false;
      continue;
    }
    size_t digits = read_pid(path, &pid);
    if (digits == 0) return false;
    path += digits;
  }
  if (*path) return false;
  *ret_pid = pid;
  return true;
}

/* Returns how many digits; 0: it is no pid. */
static size_t read_pid(const char *text, uint32_t *ret_pid) {
  uint64_t pid;
  size_t digits = text_read_decimal(text, &pid);
  if (digits == 0 || pid == 0 || pid > INT32_MAX) return 0;
  *ret_pid = (uint32_t)pid;
  return digits;
}
