/*
 * scratch_file.c: a folder of the process's own, removed with what is in it.
 */
#include "common/scratch_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MOST 64

static char folder[PATH_MAX - 64];
static char names[NAMES_MOST][PATH_MAX];
static size_t name_count;

static void make_folder(void);
static void remove_all(void);

void scratch_file_name(const char *name, char ret_path[PATH_MAX]) {
  if (!folder[0]) make_folder();
  if (name_count == NAMES_MOST) abort();
  snprintf(ret_path, PATH_MAX, "%s/%.60s", folder, name);
  memcpy(names[name_count++], ret_path, PATH_MAX);
}

void scratch_file_write(const char *path, const void *bytes, size_t count) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || close(fd) != 0) abort();
}

char *scratch_text(const uint8_t *bytes, size_t count) {
  char *text = malloc(count + 1);
  if (!text) abort();
  memcpy(text, bytes, count);
  text[count] = 0;
  return text;
}

static void make_folder(void) {
  const char *parent = getenv("RATION_FUZZ_DIR");
  snprintf(folder, sizeof folder, "%s/ration-fuzz.XXXXXX", parent ? parent : "/dev/shm");
  if (!mkdtemp(folder) || atexit(remove_all) != 0) abort();
}

static void remove_all(void) {
  for (size_t i = 0; i < name_count; i++) unlink(names[i]);
  rmdir(folder);
}
