/*
 * interrupted.h: what a signal handler has interrupted. Allocators cannot bear a handler that allocates, or never comes
 * back, in the midst of them; the shim can.
 */
#ifndef INTERRUPTED_H
#define INTERRUPTED_H

#include <link.h>
#include <ucontext.h>

#include "victim.h"

static uintptr_t shim_text, shim_text_end;

static inline int note_shim(struct dl_phdr_info *info, size_t size, void *nothing) {
  (void)size, (void)nothing;
  for (int i = 0; strstr(info->dlpi_name, "libration.so") && i < info->dlpi_phnum; i++) {
    if (!(info->dlpi_phdr[i].p_flags & PF_X) || info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    shim_text = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    shim_text_end = shim_text + info->dlpi_phdr[i].p_memsz;
  }
  return 0;
}

/* To be called before the first signal. */
static inline void find_shim(void) {
  dl_iterate_phdr(note_shim, NULL);
}

#if defined(__aarch64__)
#define PC_OF(context) ((context)->uc_mcontext.pc)
#else
#define PC_OF(context) ((context)->uc_mcontext.gregs[REG_RIP])
#endif

static inline int has_interrupted_shim(void *context) {
  uintptr_t pc = (uintptr_t)PC_OF((ucontext_t *)context);
  return pc - shim_text < shim_text_end - shim_text;
}

#endif
