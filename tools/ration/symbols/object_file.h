/*
 * object_file.h: one ELF file: an executable or a library, or a separate file with what debuggers want to know of it.
 *
 * It may be anything that somebody left at a path. It is read piece by piece and never mapped, since whoever maps a
 * file that is then cut short dies of it.
 */
#ifndef RATION_TOOL_SYMBOLS_OBJECT_FILE_H
#define RATION_TOOL_SYMBOLS_OBJECT_FILE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the linker computed from a module's contents; its separate files have the same. */
struct build_id {
  const unsigned char *bytes;
  size_t count; /* 0: there is none */
};

struct object_file {
  Elf *elf;
  char *path;         /* NULL: it is in memory */
  unsigned char *own; /* those bytes */
  struct build_id build_id;
  uint64_t code_low, code_high; /* code is nowhere else */
  int fd;
  bool
      is_linked; /* not so what dwz makes, and what a compiler leaves for the linker: no code has its place yet */
};

/* Only a regular file. Returns 0; -EBADMSG: no ELF file; or another -errno. */
int object_file_open(const char *path, struct object_file **ret_file);

/* The same, in memory that malloc() gave, and that the file keeps, even if it fails. */
int object_file_take(void *bytes, size_t count, struct object_file **ret_file);

/*
 * Closes the descriptor, so that a thousand modules can be open at once: of sections that were not read yet nothing is
 * to be had any more. NULL is nothing to release.
 */
void object_file_release(struct object_file *file);

/* NULL is nothing to close. */
void object_file_close(struct object_file *file);

/* The first section of that name; NULL: none. */
Elf_Scn *elf_section_named(Elf *elf, const char *name);

/* Has it what lines and inlined functions are found by, and of a believable size? */
bool object_file_has_debug(const struct object_file *file);

/* Has it a symbol table of its own, beside the one that the loader needs? */
bool object_file_has_symbols(const struct object_file *file);

bool build_id_is(struct build_id one, struct build_id other);

#endif
