/*
 * module_end.h: where a loaded module ends: what it has beyond its file, .bss, is anonymous memory behind its data.
 */
#ifndef RATION_TOOL_READER_MODULE_END_H
#define RATION_TOOL_READER_MODULE_END_H

#include <stdint.h>

/* One past the last byte of the module whose ELF header the process has at `base`; 0: there is none to be read. */
uint64_t module_end(uint32_t pid, uint64_t base);

#endif
