/*
 * places.c: looking through folders for names of segments. What they hold is the snapshot's business.
 */
#include "reader/places.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* The shim keeps its own out of the way of the program's: the links of lower ones need not be read. */
#define LEAST_DESCRIPTOR 64

static void visit_files(const struct folders *folders, bool wants_copies, place_visitor visit, void *context);
static void add_folder(struct folders *folders, const char *path);
static bool is_same_folder(const char *a, const char *b);
static void visit_memfds_of(uint32_t pid, place_visitor visit, void *context);
static bool read_memfd_name(const char *path, struct place_name *ret_name);

void folders_find(struct folders *ret_folders) {
  ret_folders->count = 0;
  add_folder(ret_folders, getenv("RATION_DIR"));
  add_folder(ret_folders, "/dev/shm");
  add_folder(ret_folders, getenv("XDG_RUNTIME_DIR"));
  add_folder(ret_folders, getenv("TMPDIR"));
}

void places_visit_all(place_visitor visit, void *context) {
  struct folders folders;
  folders_find(&folders);
  places_visit_files(&folders, visit, context);
  places_visit_memfds(visit, context);
}

void places_visit_files(const struct folders *folders, place_visitor visit, void *context) {
  visit_files(folders, false, visit, context);
}

void places_visit_copies(const struct folders *folders, place_visitor visit, void *context) {
  visit_files(folders, true, visit, context);
}

static void visit_files(const struct folders *folders, bool wants_copies, place_visitor visit,
                        void *context) {
  for (size_t i = 0; i < folders->count; i++) {
    DIR *folder = opendir(folders->paths[i]);
    if (!folder) continue;
    for (struct dirent *entry; (entry = readdir(folder));) {
      struct place place = {.is_memfd = false};
      int error = wants_copies ? place_name_parse_copy(entry->d_name, &place.name, &place.copy)
                               : place_name_parse(entry->d_name, &place.name);
      if (error) continue;
      snprintf(place.path, sizeof place.path, "%s/%s", folders->paths[i], entry->d_name);
      visit(&place, context);
    }
    closedir(folder);
  }
}

void places_visit_memfds(place_visitor visit, void *context) {
  DIR *proc = opendir("/proc");
  if (!proc) return;
  for (struct dirent *entry; (entry = readdir(proc));) {
    uint64_t pid;
    size_t digits = text_read_decimal(entry->d_name, &pid);
    if (digits > 0 && entry->d_name[digits] == 0) visit_memfds_of((uint32_t)pid, visit, context);
  }
  closedir(proc);
}

static void add_folder(struct folders *folders, const char *path) {
  if (!path || path[0] != '/') return;
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') length--;
  char *to = folders->paths[folders->count];
  if (length >= sizeof folders->paths[0]) return;
  memcpy(to, path, length);
  to[length] = 0;

  struct stat stat_buffer;
  if (stat(to, &stat_buffer) != 0 || !S_ISDIR(stat_buffer.st_mode)) return;
  for (size_t i = 0; i < folders->count; i++) {
    if (is_same_folder(folders->paths[i], to)) return;
  }
  folders->count++;
}

static bool is_same_folder(const char *a, const char *b) {
  struct stat stat_a, stat_b;
  return stat(a, &stat_a) == 0 && stat(b, &stat_b) == 0 && stat_a.st_dev == stat_b.st_dev &&
         stat_a.st_ino == stat_b.st_ino;
}

/* A fork child has its parent's descriptors: a memfd counts only where its name says that it is this pid's.
 */
static void visit_memfds_of(uint32_t pid, place_visitor visit, void *context) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIu32 "/fd", pid);
  DIR *fds = opendir(path);
  if (!fds) return;
  for (struct dirent *entry; (entry = readdir(fds));) {
    uint64_t number;
    if (text_read_decimal(entry->d_name, &number) == 0 || number < LEAST_DESCRIPTOR) continue;
    struct place place = {.is_memfd = true};
    snprintf(place.path, sizeof place.path, "/proc/%" PRIu32 "/fd/%.16s", pid, entry->d_name);
    if (read_memfd_name(place.path, &place.name) && place.name.pid == pid) visit(&place, context);
  }
  closedir(fds);
}

bool places_has_memfd(const struct place *place) {
  struct place_name name;
  return read_memfd_name(place->path, &name) && name.pid == place->name.pid &&
         name.pid_namespace == place->name.pid_namespace && name.start_ticks == place->name.start_ticks &&
         name.image == place->name.image;
}

static bool read_memfd_name(const char *path, struct place_name *ret_name) {
  static const char prefix[] = "/memfd:";
  static const char suffix[] = " (deleted)";
  char target[sizeof prefix + PLACE_NAME_BYTES + sizeof suffix];
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < (ssize_t)(sizeof prefix + sizeof suffix)) return false;
  target[length] = 0;
  char *end = target + length - (sizeof suffix - 1);
  if (strncmp(target, prefix, sizeof prefix - 1) != 0 || strcmp(end, suffix) != 0) return false;
  *end = 0;
  return place_name_parse(target + sizeof prefix - 1, ret_name) == 0;
}
