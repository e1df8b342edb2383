/*
 * elf.c: a file where a program, a library or a script should be: how it would be started, what `doctor` says of it, and which
 * functions its addresses stand for.
 */
#include <stdlib.h>
#include <string.h>

#include "common/fit.h"
#include "common/scratch_file.h"
#include "doctor/program.h"
#include "doctor/program_facts.h"
#include "launch/elf.h"
#include "launch/target.h"
#include "symbols/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char path[PATH_MAX];

static void inspect(void) {
  struct elf_facts elf;
  struct program_facts facts;
  struct target target;
  struct fault fault = {""};
  char name[PROGRAM_NAME_MOST];
  elf_read(path, &elf);
  if (program_facts_read(path, &facts, &fault) != 0) fit_fault(&fault);
  program_of_env(path, name);
  if (target_find(path, NULL, &target) == 0) target_inspect(&target);
}

/* All of the code that there can be in such a small file, as it is linked. */
static void name_addresses(void) {
  static const uint64_t bases[] = {0, 0x200, 0x400000, 0x401000};
  struct symbol_places places = {.debug_dir = "/nowhere"};
  struct symbol_module module = {.path = path};
  struct symbols *symbols = symbols_open(&places);
  if (!symbols) abort();
  size_t letters = 0;
  for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
    for (uint64_t offset = 0; offset < 0x400; offset += 5) {
      struct symbol_chain chain;
      if (symbols_find(symbols, &module, bases[i] + offset, &chain) != 0) abort();
      for (size_t k = 0; k < chain.count; k++) {
        letters += chain.frames[k].function ? strlen(chain.frames[k].function) : 0;
        letters += chain.frames[k].file ? strlen(chain.frames[k].file) : 0;
      }
    }
  }
  if (letters > UINT32_MAX) abort();
  symbols_close(symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (!path[0]) scratch_file_name("program", path);
  scratch_file_write(path, bytes, size);
  inspect();
  name_addresses();
  return 0;
}
