/*
 * module_end.c: the program headers, as the process has them in its memory.
 */
#include "reader/module_end.h"

#include <elf.h>
#include <string.h>

#include "reader/remote.h"

#define SEGMENTS_MOST 64

uint64_t module_end(uint32_t pid, uint64_t base) {
  Elf64_Ehdr header;
  Elf64_Phdr segments[SEGMENTS_MOST];
  if (remote_read(pid, base, &header, sizeof header) != 0) return 0;
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return 0;
  size_t count = header.e_phnum;
  if (count > SEGMENTS_MOST || header.e_phentsize != sizeof *segments) return 0;
  if (remote_read(pid, base + header.e_phoff, segments, count * sizeof *segments) != 0) return 0;
  uint64_t first = UINT64_MAX, last = 0;
  for (size_t i = 0; i < count; i++) {
    if (segments[i].p_type != PT_LOAD) continue;
    uint64_t start = segments[i].p_vaddr, end = start + segments[i].p_memsz;
    if (start < first) first = start;
    if (end > last) last = end;
  }
  return first < last ? base + last - (first & ~UINT64_C(4095)) : 0;
}
