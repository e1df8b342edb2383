/*
 * loader.c: glibc's loader is known by its own name for itself, whatever its file is called, and its age by the versions
 * of symbols that it defines.
 */
#include "doctor/loader.h"

#include <errno.h>
#include <string.h>

#include "doctor/dynamic.h"
#include "symbols/object_file.h"

#define FIRST_VERSION "GLIBC_2.35" /* that has all that the shim asks for */

static enum loader look_into(const struct dynamic *dynamic);
static bool holds(const Elf_Data *texts, const char *text);

enum loader loader_look(const char *path) {
  struct object_file *file;
  struct dynamic dynamic;
  int error = object_file_open(path, &file);
  if (error) return error == -ENOENT || error == -ENOTDIR ? LOADER_MISSING : LOADER_UNKNOWN;
  enum loader loader =
      dynamic_read(file->elf, &dynamic) == 0 && dynamic.texts ? look_into(&dynamic) : LOADER_UNKNOWN;
  object_file_close(file);
  return loader;
}

static enum loader look_into(const struct dynamic *dynamic) {
  static const char *const names[] = {"ld-linux", "ld64.so", "ld.so."};
  const char *own = dynamic_text(dynamic, DT_SONAME, 0);
  bool is_glibc = false;
  for (size_t i = 0; own && i < sizeof names / sizeof *names; i++)
    is_glibc |= strncmp(own, names[i], strlen(names[i])) == 0;
  if (!is_glibc) return LOADER_OTHER;
  return holds(dynamic->texts, FIRST_VERSION) ? LOADER_GLIBC : LOADER_OLD_GLIBC;
}

/* With its end, or 2.35 would be found in 2.351. */
static bool holds(const Elf_Data *texts, const char *text) {
  return memmem(texts->d_buf, texts->d_size, text, strlen(text) + 1) != NULL;
}
