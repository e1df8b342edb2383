/*
 * module_file.h: the file that a module was loaded from, to be read, once it is known to be that of the loaded build.
 *
 * At start only. The file is hostile: it may have been replaced, cut short or written over, before or while it is read.
 * Therefore it is copied by pread, never mapped (what is cut off of a mapping raises SIGBUS), and every place in it is
 * held against its size.
 */
#ifndef RATION_OS_MODULE_FILE_H
#define RATION_OS_MODULE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "os/module.h"

struct module_file {
  int descriptor; /* above 2, close-on-exec */
  uint64_t bytes;
};

/* A copy of a part of the file, in pages of its own. */
struct module_part {
  void *memory; /* followed by at least one zero byte */
  size_t bytes;
  size_t mapped_bytes;
};

/* Opens the file of a module of modules_visit. Returns 0, or -errno as symbols_visit_file has it. */
int module_file_open(const struct module *module, struct module_file *ret_file);
void module_file_close(struct module_file *file);

/* Returns 0, -ENOEXEC: not all of it lies in the file, -EIO: cut short meanwhile, or what pread(2) says. */
int module_file_read(const struct module_file *file, uint64_t offset, void *ret_bytes, size_t bytes);

/* The same, into pages that module_part_free gives back; also -ENOMEM. */
int module_file_load(const struct module_file *file, uint64_t offset, size_t bytes,
                     struct module_part *ret_part);
void module_part_free(struct module_part *part);

#endif
