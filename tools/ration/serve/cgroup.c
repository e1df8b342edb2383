/*
 * cgroup.c: a pod's group is named by its uid: `.../podUID/...`, or, where systemd keeps the groups,
 * `...-podUID.slice/...`, with `_` in the place of `-`.
 */
#include "serve/cgroup.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 8192
#define UID_BYTES  36

static bool find_line(const char *text, const char **ret_path, size_t *ret_length);
static bool has_controller(const char *list, size_t length, const char *name);
static void find_pod(const char *path, char ret_pod[METRIC_POD_BYTES]);
static bool is_uid(const char *text);

void cgroup_read(uint32_t pid, struct metric_place *ret_place) {
  char path[48], text[TEXT_BYTES];
  ret_place->cgroup[0] = ret_place->pod[0] = 0;
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/cgroup", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return;
  text[length] = 0;
  cgroup_parse(text, ret_place);
}

void cgroup_parse(const char *text, struct metric_place *ret_place) {
  const char *path;
  size_t length;
  ret_place->cgroup[0] = ret_place->pod[0] = 0;
  if (!find_line(text, &path, &length)) return;
  if (length >= METRIC_CGROUP_BYTES) length = METRIC_CGROUP_BYTES - 1;
  memcpy(ret_place->cgroup, path, length);
  ret_place->cgroup[length] = 0;
  find_pod(ret_place->cgroup, ret_place->pod);
}

/* Lines are NUMBER:CONTROLLERS:PATH; of version 2 number and controllers are 0 and empty. */
static bool find_line(const char *text, const char **ret_path, size_t *ret_length) {
  bool is_found = false;
  for (const char *line = text; *line;) {
    size_t length = strcspn(line, "\n");
    const char *first = memchr(line, ':', length);
    const char *second = first ? memchr(first + 1, ':', length - (size_t)(first + 1 - line)) : NULL;
    bool is_unified = second && strncmp(line, "0::", 3) == 0;
    if (is_unified || (second && has_controller(first + 1, (size_t)(second - first - 1), "memory"))) {
      *ret_path = second + 1;
      *ret_length = length - (size_t)(second + 1 - line);
      is_found = true;
      if (!is_unified) return true; /* where both are there, it is this one that counts memory */
    }
    line += length + (line[length] == '\n');
  }
  return is_found;
}

static bool has_controller(const char *list, size_t length, const char *name) {
  size_t bytes = strlen(name);
  for (size_t at = 0; at + bytes <= length; at++) {
    bool begins = at == 0 || list[at - 1] == ',';
    bool ends = at + bytes == length || list[at + bytes] == ',';
    if (begins && ends && strncmp(list + at, name, bytes) == 0) return true;
  }
  return false;
}

static void find_pod(const char *path, char ret_pod[METRIC_POD_BYTES]) {
  for (const char *at = strstr(path, "pod"); at; at = strstr(at + 1, "pod")) {
    bool begins = at > path && (at[-1] == '/' || at[-1] == '-');
    if (!begins || !is_uid(at + 3)) continue;
    memcpy(ret_pod, at + 3, UID_BYTES);
    ret_pod[UID_BYTES] = 0;
    for (char *sign = ret_pod; *sign; sign++)
      if (*sign == '_') *sign = '-';
    return;
  }
}

/* Hexadecimal digits, in groups of 8, 4, 4, 4 and 12. */
static bool is_uid(const char *text) {
  for (size_t i = 0; i < UID_BYTES; i++) {
    bool is_gap = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_gap ? text[i] != '-' && text[i] != '_' : !isxdigit((unsigned char)text[i])) return false;
  }
  return text[UID_BYTES] == '/' || text[UID_BYTES] == '.' || text[UID_BYTES] == 0;
}
