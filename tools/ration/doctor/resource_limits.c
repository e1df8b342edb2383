/*
 * resource_limits.c: reading /proc/PID/limits.
 */
#include "doctor/resource_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static int parse_row(const char *text, const char *name, uint64_t *ret_bytes);

int resource_limits_parse(const char *text, struct resource_limits *ret_limits) {
  struct resource_limits limits;
  int error = parse_row(text, "Max address space", &limits.address_space);
  if (!error) error = parse_row(text, "Max data size", &limits.data);
  if (!error) error = parse_row(text, "Max file size", &limits.file_size);
  if (!error) *ret_limits = limits;
  return error;
}

int resource_limits_read(const char *root, uint32_t pid, struct resource_limits *ret_limits) {
  char path[4096], text[4096];
  if (pid == 0)
    snprintf(path, sizeof path, "%s/proc/self/limits", root);
  else
    snprintf(path, sizeof path, "%s/proc/%" PRIu32 "/limits", root, pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t count = read(fd, text, sizeof text - 1);
  int error = count < 0 ? -errno : 0;
  close(fd);
  if (error) return error;
  text[count] = 0;
  return resource_limits_parse(text, ret_limits);
}

/* The name begins a line; behind it stands the soft limit. */
static int parse_row(const char *text, const char *name, uint64_t *ret_bytes) {
  size_t length = strlen(name);
  while (strncmp(text, name, length) != 0) {
    text = strchr(text, '\n');
    if (!text) return -EBADMSG;
    text++;
  }
  text += length;
  text += strspn(text, " ");
  if (strncmp(text, "unlimited", 9) == 0) {
    *ret_bytes = UINT64_MAX;
    return 0;
  }
  return text_read_decimal(text, ret_bytes) ? 0 : -EBADMSG;
}
