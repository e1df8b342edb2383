/*
 * module.c: a library as the shim meets it at start: its file, read for .symtab, and what of it is in memory, for the dynamic
 * symbols, the areas and the notes. File and memory are both the input, so that one is believed to be of the other.
 */
#include "os/module.h"

#include <stdlib.h>
#include <string.h>

#include "common/scratch_file.h"
#include "os/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define PAGE_BYTES 4096

static char path[PATH_MAX];

/* The name can be read, and the function lies in the module. */
static void visit(void *context, const struct symbol *symbol) {
  const struct module *module = context;
  if (strlen(symbol->name) == 0 || !module_holds(module, symbol->start, symbol->bytes)) abort();
}

static void ask(const struct module *module) {
  struct module_area area;
  unsigned char build_id[64];
  uintptr_t start, count;
  for (unsigned i = 0; module_area(module, i, &area) == 0; i++) continue;
  module_text(module, &start, &count);
  if (module_build_id(module, build_id, sizeof build_id) > sizeof build_id) abort();
  symbols_visit_file(module, visit, (void *)(uintptr_t)module);
}

/* As the loader says it; what it would refuse to load is none. */
static void find_dynamic(struct module *module) {
  for (size_t i = 0; i < module->header_count; i++) {
    const ElfW(Phdr) *header = &module->headers[i];
    if (header->p_type == PT_DYNAMIC && header->p_vaddr % _Alignof(ElfW(Dyn)) == 0)
      module->dynamic = (const void *)(module->bias + header->p_vaddr);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  ElfW(Ehdr) header;
  if (size < sizeof header) return 0;
  memcpy(&header, bytes, sizeof header);
  if (header.e_phoff > size || header.e_phnum > (size - header.e_phoff) / sizeof(ElfW(Phdr))) return 0;
  if (!path[0]) scratch_file_name("module.so", path);
  scratch_file_write(path, bytes, size);
  size_t mapped = (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  uint8_t *memory = calloc(mapped, 1);
  ElfW(Phdr) *headers = calloc(header.e_phnum + 1u, sizeof *headers);
  if (!memory || !headers) abort();
  memcpy(memory, bytes, size);
  memcpy(headers, bytes + header.e_phoff, header.e_phnum * sizeof *headers);
  struct module module = {.path = path,
                          .start = (uintptr_t)memory,
                          .bytes = mapped,
                          .bias = (uintptr_t)memory,
                          .headers = headers,
                          .header_count = header.e_phnum};
  find_dynamic(&module);
  ask(&module);
  free(headers);
  free(memory);
  return 0;
}
