/*
 * elf.h: what an executable's file says about whether a preloaded library will reach it.
 */
#ifndef RATION_TOOL_LAUNCH_ELF_H
#define RATION_TOOL_LAUNCH_ELF_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define ELF_TEXT_BYTES 256

struct elf_facts {
  bool is_native;   /* class and machine are those of this program */
  bool is_dynamic;  /* asks for a loader */
  bool is_for_musl; /* its loader, or the libc that it asks that for, is musl's */
  char loader[ELF_TEXT_BYTES];
};

/* Returns 0; -ENOEXEC: no ELF file, or a broken one; or the -errno of opening or reading it. */
int elf_read(const char *path, struct elf_facts *ret_facts);

#endif
