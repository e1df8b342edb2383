/*
 * program_facts.c: the dynamic section for what the loader would see, the other symbols for what is within, and the
 * debug files.
 */
#include "doctor/program_facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/dynamic.h"
#include "symbols/debug_files.h"

/* What goes through the symbols of a file. */
struct reading {
  struct program_facts *facts;
  const struct object_file *file;
};

static const char *describe_other(const struct object_file *file);
static int read_file(const struct object_file *file, struct program_facts *facts);
static int read_headers(const struct object_file *file, struct program_facts *facts);
static int read_dynamic(const struct object_file *file, struct program_facts *facts);
static void take_library(const char *soname, struct program_facts *facts);
static void take_exported(const char *name, bool is_own, void *context);
static bool is_sanitizer_symbol(const char *name);
static const struct allocator *find_allocator(const struct object_file *file);
static const struct allocator *find_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header);
static void read_debug(const struct object_file *file, struct program_facts *facts);
static void take_text(char ret_text[PROGRAM_NAME_BYTES], const char *text);

int program_facts_read(const char *path, struct program_facts *ret_facts, struct fault *ret_fault) {
  struct object_file *file;
  struct program_facts facts;
  memset(&facts, 0, sizeof facts);
  int error = object_file_open(path, &file);
  if (error == -EBADMSG) return fault_set(ret_fault, error, "no ELF file; name a program, or a script");
  if (error)
    return fault_set(ret_fault, error, "cannot be read: %s; look as its owner or root", strerror(-error));
  const char *other = describe_other(file);
  error = other ? -EBADMSG : read_file(file, &facts);
  object_file_close(file);
  if (error)
    return fault_set(ret_fault, error, "%s", other ? other : "a broken ELF file; build or install it anew");
  *ret_facts = facts;
  return 0;
}

/* NULL: it may be a program. */
static const char *describe_other(const struct object_file *file) {
  GElf_Ehdr header;
  if (file->is_linked || !gelf_getehdr(file->elf, &header)) return NULL;
  if (header.e_type == ET_CORE) return "a core dump; name the program that has left it";
  if (header.e_type == ET_REL) return "an object file; name the program that it is linked into";
  return NULL;
}

static int read_file(const struct object_file *file, struct program_facts *facts) {
  if (!file->is_linked) return -EBADMSG;
  for (size_t i = 0; i < file->build_id.count && 2 * i + 2 < sizeof facts->build_id; i++)
    snprintf(facts->build_id + 2 * i, 3, "%02x", file->build_id.bytes[i]);
  int error = read_headers(file, facts);
  if (!error) error = read_dynamic(file, facts);
  if (error) return error;
  facts->is_go = elf_section_named(file->elf, ".go.buildinfo") || elf_section_named(file->elf, ".gopclntab");
  if (!facts->allocator) facts->allocator = find_allocator(file);
  read_debug(file, facts);
  return 0;
}

static int read_headers(const struct object_file *file, struct program_facts *facts) {
  size_t count;
  if (elf_getphdrnum(file->elf, &count) != 0 || count == 0) return -EBADMSG;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (!gelf_getphdr(file->elf, (int)i, &header)) return -EBADMSG;
    if (header.p_type == PT_GNU_EH_FRAME) facts->has_unwind_tables = true;
    if (header.p_type != PT_INTERP) continue;
    bool is_possible = header.p_offset <= INT64_MAX && header.p_filesz <= sizeof facts->loader;
    const Elf_Data *text =
        is_possible ? elf_getdata_rawchunk(file->elf, (int64_t)header.p_offset, header.p_filesz, ELF_T_BYTE)
                    : NULL;
    if (!text || !memchr(text->d_buf, 0, text->d_size)) return -EBADMSG;
    take_text(facts->loader, text->d_buf);
  }
  return 0;
}

static int read_dynamic(const struct object_file *file, struct program_facts *facts) {
  struct dynamic dynamic;
  struct reading reading = {.facts = facts, .file = file};
  int error = dynamic_read(file->elf, &dynamic);
  if (error == -ENOENT) return 0; /* static */
  if (error) return error;
  const char *soname;
  for (size_t i = 0; (soname = dynamic_text(&dynamic, DT_NEEDED, i)) != NULL; i++)
    take_library(soname, facts);
  uint64_t flags = 0;
  GElf_Ehdr header;
  bool is_program = dynamic_value(&dynamic, DT_FLAGS_1, 0, &flags) && (flags & DF_1_PIE);
  facts->is_library =
      gelf_getehdr(file->elf, &header) && header.e_type == ET_DYN && !is_program && facts->loader[0] == 0;
  dynamic_visit_symbols(&dynamic, take_exported, &reading);
  return 0;
}

static void take_library(const char *soname, struct program_facts *facts) {
  if (program_is_sanitizer(soname)) take_text(facts->sanitizer, soname);
  if (allocator_of_library(soname)) take_text(facts->malloc_library, soname);
  if (!facts->runtime) facts->runtime = runtime_of_library(soname);
  if (strncmp(soname, "libration.so", 12) == 0) take_text(facts->ration_library, soname);
}

static void take_exported(const char *name, bool is_own, void *context) {
  struct program_facts *facts = ((struct reading *)context)->facts;
  if (is_sanitizer_symbol(name) && facts->sanitizer[0] == 0) take_text(facts->sanitizer, name);
  if (!is_own) return;
  if (facts->own_malloc[0] == 0 && allocator_is_family(name)) take_text(facts->own_malloc, name);
  if (!facts->allocator) facts->allocator = allocator_of_symbol(name);
  if (!facts->runtime) facts->runtime = runtime_of_symbol(name);
}

/* Asked for or defined: what it comes from is there when the program runs. The shim looks for the same. */
static bool is_sanitizer_symbol(const char *name) {
  static const char *const names[] = {"__asan_init", "__tsan_init", "__msan_init", "__lsan_init",
                                      "__hwasan_init"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(names[i], name) == 0) return true;
  }
  return false;
}

bool program_is_sanitizer(const char *soname) {
  static const char *const starts[] = {"libasan.so",         "libtsan.so",      "libmsan.so",
                                       "liblsan.so",         "libhwasan.so",    "libclang_rt.asan",
                                       "libclang_rt.hwasan", "libclang_rt.tsan"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    if (strncmp(starts[i], soname, strlen(starts[i])) == 0) return true;
  }
  return false;
}

/* By its own symbols; where they have been stripped, by texts that such code holds. */
static const struct allocator *find_allocator(const struct object_file *file) {
  bool has_symbols = false;
  for (Elf_Scn *section = NULL; (section = elf_nextscn(file->elf, section)) != NULL;) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB) continue;
    has_symbols = true;
    const struct allocator *found = find_in_section(file->elf, section, &header);
    if (found) return found;
  }
  return has_symbols ? NULL : allocator_of_texts(file->elf, file->fd);
}

static const struct allocator *find_in_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header) {
  Elf_Data *data = elf_getdata(section, NULL);
  size_t each = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
  GElf_Sym symbol;
  for (size_t i = 0; data && i < data->d_size / each && gelf_getsym(data, (int)i, &symbol); i++) {
    bool is_function = GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF;
    const char *name = is_function ? elf_strptr(elf, header->sh_link, symbol.st_name) : NULL;
    const struct allocator *found = name ? allocator_of_symbol(name) : NULL;
    if (found) return found;
  }
  return NULL;
}

/* Servers are not asked: a look should not load gigabytes. */
static void read_debug(const struct object_file *file, struct program_facts *facts) {
  static const struct debug_places places = {.servers = NULL};
  facts->has_lines = object_file_has_debug(file);
  facts->has_symbols = object_file_has_symbols(file) || elf_section_named(file->elf, ".gnu_debugdata");
  struct object_file *debug;
  if (facts->has_lines || debug_files_find(&places, file, file->build_id, &debug) != 0) return;
  facts->has_lines = object_file_has_debug(debug);
  facts->has_symbols = facts->has_symbols || object_file_has_symbols(debug);
  object_file_close(debug);
}

static void take_text(char ret_text[PROGRAM_NAME_BYTES], const char *text) {
  snprintf(ret_text, PROGRAM_NAME_BYTES, "%s", text);
}
