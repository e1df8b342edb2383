/*
 * symbols.h: the functions of a loaded module by name, as its symbol tables have them.
 *
 * Visited are defined symbols of the types STT_FUNC and STT_GNU_IFUNC with a name, whose address lies in what the
 * module maps; no imports, no PLT stubs. The address of an STT_GNU_IFUNC is that of its resolver: what the resolver
 * chooses has a name of its own in .symtab, and none in .dynsym. Aliases are visited each; a symbol that stands in both
 * tables is visited twice. Names are the symbols' own: C++ ones mangled, copies that the compiler made with their
 * suffix (.cold, .part.0, .constprop.0, .isra.0), and in .symtab a versioned one ends in @VERSION or @@VERSION, while
 * its twin in .dynsym does not.
 *
 * Debian strips .symtab from what it ships: then the exported functions are all that is known. Split debug files
 * (/usr/lib/debug, by build-id) and .gnu_debugdata are not read. 64-bit little-endian modules only.
 *
 * Both functions keep errno, hold no state, allocate nothing from the heap and may run in several threads.
 */
#ifndef RATION_OS_SYMBOLS_H
#define RATION_OS_SYMBOLS_H

#include <stdint.h>

#include "os/module.h"

struct symbol {
  const char *name; /* valid during the visit only */
  uintptr_t start;  /* run-time address */
  uintptr_t bytes;  /* never beyond the module's end; 0: not known */
};

typedef void (*symbol_visitor)(void *context, const struct symbol *symbol);

/*
 * At start only: opens and reads the module's file, for .symtab, and visits the dynamic symbols after that, whatever
 * became of the file. `module` is one of modules_visit. A symbol of size 0 (assembler) reaches to the next function, at
 * most to the end of its section.
 *
 * The file is the executable by /proc/self/exe (deleted or not), a library by the path that it was loaded from. It may
 * have been replaced since: it is believed only if its ELF header, its program headers and its notes (the build-id
 * among them) are those in memory. What it holds is bounded at every step all the same. A program that was started by
 * naming the loader (ld.so PROGRAM) has the loader as its executable, and so only dynamic symbols.
 *
 * Returns 0 (also where the file has no .symtab), or -errno: no symbol of .symtab was visited, or not all:
 *   -ENOENT, -EACCES, ... of openat(2): no such file here (the vDSO, another root folder, no /proc)
 *   -ESTALE   another build than the one that is loaded
 *   -ENOEXEC  not an ELF file of this machine's kind, or a table that contradicts itself; cut short
 *   -ENOTSUP  a compressed table, or more sections than an ELF header can count
 *   -EFBIG    a table of more than 1 GiB
 *   -ENOMEM   no memory for a copy of the tables, -EIO: the file cannot be read
 *   -EINVAL   the module has no program headers: it is not one of modules_visit
 */
int symbols_visit_file(const struct module *module, symbol_visitor visit, void *context);

/*
 * In-malloc: only what is mapped, by the dynamic section; no lock, no system call. A symbol of size 0 stays so: where
 * it ends is not known. Returns 0, -ENOENT: the module has no dynamic symbols, or -ENOEXEC: its tables make no sense,
 * and no symbol was visited.
 */
int symbols_visit_dynamic(const struct module *module, symbol_visitor visit, void *context);

/* Names lie in another order than their entries: so many entries ahead the processor is told to fetch them. */
#define SYMBOL_PREFETCH 8

/* Where the function starts that an entry of a symbol table stands for; 0: it stands for none in this module. */
uintptr_t symbol_start(const struct module *module, const ElfW(Sym) * entry);

/* The same with the rest of it. Returns 1 or 0. */
int symbol_from_entry(const struct module *module, const ElfW(Sym) * entry, const char *name,
                      struct symbol *ret_symbol);

#endif
