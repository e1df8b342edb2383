/*
 * pid_map.c: two links of each process, and of those that live elsewhere a line of their status.
 */
#include "serve/pid_map.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static bool read_namespace(uint32_t pid, const char *which, uint64_t *ret_inode);
static int add_process(struct pid_map *map, uint32_t own, uint64_t pid_namespace);
static int add_root(struct pid_map *map, uint32_t own, uint64_t mount_namespace);
static uint32_t pid_there(uint32_t own);
static int grow(void **rows, size_t count, size_t *room, size_t bytes);

int pid_map_make(struct pid_map *ret_map) {
  struct pid_map map = {0};
  uint64_t own_pids, own_mounts, inode;
  uint32_t self = (uint32_t)getpid();
  bool knows_own = read_namespace(self, "pid", &own_pids) && read_namespace(self, "mnt", &own_mounts);
  DIR *proc = knows_own ? opendir("/proc") : NULL;
  int error = 0;
  for (struct dirent *entry; proc && !error && (entry = readdir(proc));) {
    uint64_t pid;
    size_t digits = text_read_decimal(entry->d_name, &pid);
    if (digits == 0 || entry->d_name[digits] != 0) continue;
    if (read_namespace((uint32_t)pid, "pid", &inode) && inode != own_pids)
      error = add_process(&map, (uint32_t)pid, inode);
    if (!error && read_namespace((uint32_t)pid, "mnt", &inode) && inode != own_mounts)
      error = add_root(&map, (uint32_t)pid, inode);
  }
  if (proc) closedir(proc);
  if (error)
    pid_map_free(&map);
  else
    *ret_map = map;
  return error;
}

void pid_map_free(struct pid_map *map) {
  free(map->entry);
  free(map->root);
  *map = (struct pid_map){0};
}

uint32_t pid_map_own(const struct pid_map *map, uint64_t pid_namespace, uint32_t pid) {
  for (size_t i = 0; i < map->count; i++)
    if (map->entry[i].pid == pid && map->entry[i].pid_namespace == pid_namespace) return map->entry[i].own;
  return 0;
}

uint32_t pid_map_parse(const char *status) {
  const char *line = strstr(status, "\nNSpid:");
  uint64_t last = 0;
  if (!line) return 0;
  for (const char *at = line + strlen("\nNSpid:"); *at == '\t' || *at == ' ';) {
    uint64_t pid;
    at += strspn(at, "\t ");
    size_t digits = text_read_decimal(at, &pid);
    if (digits == 0 || pid > INT32_MAX) break;
    last = pid;
    at += digits;
  }
  return (uint32_t)last;
}

/* "pid:[4026531836]" */
static bool read_namespace(uint32_t pid, const char *which, uint64_t *ret_inode) {
  char path[64], target[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/ns/%s", pid, which);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = 0;
  const char *bracket = strchr(target, '[');
  return bracket && text_read_decimal(bracket + 1, ret_inode) > 0;
}

static int add_process(struct pid_map *map, uint32_t own, uint64_t pid_namespace) {
  uint32_t pid = pid_there(own);
  if (pid == 0) return 0;
  if (grow((void **)&map->entry, map->count, &map->room, sizeof *map->entry) != 0) return -ENOMEM;
  map->entry[map->count++] = (struct pid_map_entry){.pid_namespace = pid_namespace, .pid = pid, .own = own};
  return 0;
}

static int add_root(struct pid_map *map, uint32_t own, uint64_t mount_namespace) {
  for (size_t i = 0; i < map->root_count; i++)
    if (map->root[i].mount_namespace == mount_namespace) return 0;
  if (grow((void **)&map->root, map->root_count, &map->root_room, sizeof *map->root) != 0) return -ENOMEM;
  map->root[map->root_count++] = (struct pid_map_root){.mount_namespace = mount_namespace, .own = own};
  return 0;
}

static uint32_t pid_there(uint32_t own) {
  char path[48], text[8192];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/status", own);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  return pid_map_parse(text);
}

static int grow(void **rows, size_t count, size_t *room, size_t bytes) {
  if (count < *room) return 0;
  size_t more = *room ? 2 * *room : 32;
  void *grown = realloc(*rows, more * bytes);
  if (!grown) return -ENOMEM;
  *rows = grown;
  *room = more;
  return 0;
}
