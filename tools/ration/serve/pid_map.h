/*
 * pid_map.h: one look through /proc for what other namespaces have: which pid of ours a process of another pid namespace
 * has, and by which process's root the files of another mount namespace can be seen.
 */
#ifndef RATION_TOOL_SERVE_PID_MAP_H
#define RATION_TOOL_SERVE_PID_MAP_H

#include <stddef.h>
#include <stdint.h>

struct pid_map_entry {
  uint64_t pid_namespace;
  uint32_t pid; /* there */
  uint32_t own; /* here */
};

/* A mount namespace that is not ours. */
struct pid_map_root {
  uint64_t mount_namespace;
  uint32_t own; /* a process in it */
};

struct pid_map {
  struct pid_map_entry *entry;
  size_t count, room;
  struct pid_map_root *root;
  size_t root_count, root_room;
};

/* What may not be looked at is left out. Returns 0 or -ENOMEM. */
int pid_map_make(struct pid_map *ret_map);
void pid_map_free(struct pid_map *map);

/* 0: there is none, or it may not be seen. */
uint32_t pid_map_own(const struct pid_map *map, uint64_t pid_namespace, uint32_t pid);

/* The last pid of the line NSpid of a /proc/PID/status: what the process has where it lives; 0: no such line. */
uint32_t pid_map_parse(const char *status);

#endif
