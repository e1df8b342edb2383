/*
 * perf_map.c: the whole file at once, then line by line.
 */
#include "symbols/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MOST (UINT32_C(64) << 20)

static int read_file(const char *path, char **ret_text, size_t *ret_count);
static int take_lines(struct perf_map *map, size_t count);
static int take_line(struct perf_map *map, char *line);

int perf_map_read(const char *sysroot, uint32_t pid, struct perf_map *ret_map) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/tmp/perf-%" PRIu32 ".map", sysroot ? sysroot : "", pid);
  if (length >= (int)sizeof path) return -ENAMETOOLONG;
  struct perf_map map = {0};
  size_t count = 0;
  int error = read_file(path, &map.text, &count);
  if (!error) error = take_lines(&map, count);
  if (!error) error = range_map_settle(&map.map);
  if (error) {
    perf_map_free(&map);
    return error;
  }
  *ret_map = map;
  return 0;
}

const char *perf_map_find(const struct perf_map *map, uint64_t address) {
  uint32_t index;
  return range_map_find(&map->map, address, &index) ? map->names[index] : NULL;
}

void perf_map_free(struct perf_map *map) {
  range_map_free(&map->map);
  free(map->names);
  free(map->text);
  *map = (struct perf_map){0};
}

/* It may grow while it is read. */
static int read_bytes(int fd, char **ret_text, size_t *ret_count) {
  struct stat stat_buffer;
  if (fstat(fd, &stat_buffer) != 0) return -errno;
  bool is_trusted =
      S_ISREG(stat_buffer.st_mode) && (stat_buffer.st_uid == 0 || stat_buffer.st_uid == geteuid());
  if (!is_trusted) return -EPERM;
  size_t room = stat_buffer.st_size < FILE_MOST ? (size_t)stat_buffer.st_size : FILE_MOST, count = 0;
  char *text = malloc(room + 1);
  if (!text) return -ENOMEM;
  ssize_t taken = 1;
  while (count < room && (taken = read(fd, text + count, room - count)) > 0) count += (size_t)taken;
  if (taken < 0) {
    int error = -errno;
    free(text);
    return error;
  }
  *ret_text = text;
  *ret_count = count;
  return 0;
}

/* A FIFO would have us wait for its writer. */
static int read_file(const char *path, char **ret_text, size_t *ret_count) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno == ELOOP ? -EPERM : -errno;
  int error = read_bytes(fd, ret_text, ret_count);
  close(fd);
  return error;
}

static int take_lines(struct perf_map *map, size_t count) {
  char *line = map->text, *end = map->text + count, *newline;
  int error = 0;
  while (!error && line < end && (newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
    *newline = 0;
    error = take_line(map, line);
    line = newline + 1;
  }
  return error;
}

/* The length of the number that the text starts with, and the blanks behind it; 0: none that fits. */
static size_t read_hex(const char *text, uint64_t *ret_number) {
  size_t at = strncmp(text, "0x", 2) == 0 ? 2 : 0, start = at;
  uint64_t number = 0;
  for (;; at++) {
    char byte = text[at];
    unsigned digit = byte >= '0' && byte <= '9'   ? (unsigned)(byte - '0')
                     : byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a' + 10)
                     : byte >= 'A' && byte <= 'F' ? (unsigned)(byte - 'A' + 10)
                                                  : 16;
    if (digit == 16) break;
    if (number >> 60) return 0;
    number = number << 4 | digit;
  }
  size_t blanks = strspn(text + at, " \t");
  if (at == start || blanks == 0) return 0;
  *ret_number = number;
  return at + blanks;
}

static int take_line(struct perf_map *map, char *line) {
  uint64_t start, size;
  size_t first = read_hex(line, &start), second = first ? read_hex(line + first, &size) : 0;
  char *name = line + first + second;
  if (second == 0 || !*name || size > UINT64_MAX - start || map->count == UINT32_MAX - 1) return 0;
  if (map->count == map->room) {
    size_t room = map->room ? map->room * 2 : 256;
    char **names = reallocarray(map->names, room, sizeof *names);
    if (!names) return -ENOMEM;
    map->names = names;
    map->room = room;
  }
  map->names[map->count] = name;
  return range_map_add(&map->map, start, start + size, 0, (uint32_t)map->count++);
}
