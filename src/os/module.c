/*
 * module.c: _dl_find_object and the dynamic section that it leads to; dl_iterate_phdr for the list of all.
 */
#include "os/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/hash.h"
#include "os/next.h"

/* Weak, so that the shim still loads on a glibc that lacks it. */
extern __typeof(_dl_find_object) _dl_find_object __attribute__((weak));

static int find(const void *address, struct dl_find_object *ret_found) {
  return _dl_find_object && _dl_find_object((void *)(uintptr_t)address, ret_found) == 0 ? 0 : -ENOENT;
}

uintptr_t module_resolve(const struct module *module, ElfW(Addr) pointer) {
  return pointer < module->bias ? pointer + module->bias : pointer;
}

static const char *soname_of(const struct module *module) {
  const char *strings = NULL;
  const ElfW(Dyn) *soname = NULL;
  for (const ElfW(Dyn) *entry = module->dynamic; entry && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_STRTAB) strings = (const char *)module_resolve(module, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SONAME) soname = entry;
  }
  return strings && soname ? strings + soname->d_un.d_val : NULL;
}

static const ElfW(Phdr) * headers_of(const struct module *module, unsigned *ret_count);

/* Where its file's first bytes are, if they are mapped; else 0. */
static uintptr_t first_of(const struct module *module) {
  struct dl_find_object found;
  uintptr_t first = module->is_executable ? getauxval(AT_PHDR) - sizeof(ElfW(Ehdr)) : module->bias;
  return find((const void *)first, &found) == 0 && found.dlfo_link_map == module->handle ? first : 0;
}

/*
 * Between segments that are aligned to more than a page is there may be gaps, as on aarch64; of such a module one segment is
 * found. Makes it the whole.
 */
static void take_whole(struct module *module) {
  unsigned count = 0;
  if (module_holds(module, (uintptr_t)module->dynamic, sizeof *module->dynamic) && headers_of(module, &count))
    return;
  struct module whole = {.start = first_of(module)};
  const ElfW(Phdr) *headers = whole.start ? headers_of(&whole, &count) : NULL;
  if (!headers) return;
  uintptr_t end = whole.start;
  for (unsigned i = 0; i < count; i++) {
    uintptr_t end_of_one = module->bias + headers[i].p_vaddr + headers[i].p_memsz;
    if (headers[i].p_type == PT_LOAD && end_of_one > end) end = end_of_one;
  }
  module->start = whole.start;
  module->bytes = end - whole.start;
}

/* All of it but its name. */
static int locate(const void *address, struct module *ret_module) {
  struct dl_find_object found;
  if (find(address, &found) < 0) return -ENOENT;
  const struct link_map *map = found.dlfo_link_map;
  *ret_module = (struct module){
      .handle = map,
      .path = map->l_name ? map->l_name : "",
      /* the first of its list, and no name: the loader's own convention for the executable (link.h) */
      .is_executable = !map->l_prev && (!map->l_name || !map->l_name[0]),
      .start = (uintptr_t)found.dlfo_map_start,
      .bytes = (uintptr_t)found.dlfo_map_end - (uintptr_t)found.dlfo_map_start,
      .frame_table = found.dlfo_eh_frame,
      .bias = map->l_addr,
      .dynamic = map->l_ld,
  };
  take_whole(ret_module);
  return 0;
}

int module_find(const void *address, struct module *ret_module) {
  struct module module;
  if (locate(address, &module) < 0) return -ENOENT;
  module.soname = soname_of(&module);
  *ret_module = module;
  return 0;
}

int module_has_file(const struct module *module) {
  return module->is_executable || strchr(module->path, '/') != NULL;
}

struct visiting {
  void (*visit)(void *context, const struct module *module);
  void *context;
};

/* The module of a list entry is found by the first address that it has loaded. */
static int visit_one(struct dl_phdr_info *info, size_t bytes, void *data) {
  (void)bytes;
  const struct visiting *visiting = data;
  struct module module;
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    if (module_find((const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), &module) < 0) return 0;
    module.headers = info->dlpi_phdr;
    module.header_count = info->dlpi_phnum;
    visiting->visit(visiting->context, &module);
    return 0;
  }
  return 0;
}

/* Past the shim's own dl_iterate_phdr, which goes through the list twice. */
int modules_visit(void (*visit)(void *context, const struct module *module), void *context) {
  int saved = errno;
  int (*iterate)(int (*)(struct dl_phdr_info *, size_t, void *), void *);
  *(void **)&iterate = next_find("dl_iterate_phdr");
  struct visiting visiting = {.visit = visit, .context = context};
  if (iterate) iterate(visit_one, &visiting);
  errno = saved;
  return iterate ? 0 : -ENOSYS;
}

/* The program headers, which follow the ELF header in the first page of the file, and so of what is mapped. */
static const ElfW(Phdr) * headers_of(const struct module *module, unsigned *ret_count) {
  const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)module->start;
  const unsigned room = 4096;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_phentsize != sizeof(ElfW(Phdr))) return NULL;
  if (header->e_phoff % _Alignof(ElfW(Phdr))) return NULL;
  if (header->e_phoff > room || header->e_phnum > (room - header->e_phoff) / sizeof(ElfW(Phdr))) return NULL;
  *ret_count = header->e_phnum;
  return (const ElfW(Phdr) *)(module->start + header->e_phoff);
}

int module_area(const struct module *module, unsigned number, struct module_area *ret_area) {
  unsigned count = 0;
  const ElfW(Phdr) *headers = headers_of(module, &count);
  for (unsigned i = 0; i < count; i++) {
    if (headers[i].p_type != PT_LOAD || number-- > 0) continue;
    *ret_area = (struct module_area){
        .start = module->bias + headers[i].p_vaddr,
        .bytes = headers[i].p_filesz,
        .is_writable = (headers[i].p_flags & PF_W) != 0,
    };
    return 0;
  }
  return -ENOENT;
}

void module_text(const struct module *module, uintptr_t *ret_start, uintptr_t *ret_bytes) {
  uintptr_t start = UINTPTR_MAX, end = 0;
  unsigned count = 0;
  const ElfW(Phdr) *headers = headers_of(module, &count);
  for (unsigned i = 0; i < count; i++) {
    if (headers[i].p_type != PT_LOAD || !(headers[i].p_flags & PF_X)) continue;
    uintptr_t first = module->bias + headers[i].p_vaddr;
    if (first < start) start = first;
    if (first + headers[i].p_memsz > end) end = first + headers[i].p_memsz;
  }
  *ret_start = end > start ? start : 0;
  *ret_bytes = end > start ? end - start : 0;
}

/* Notes lie one behind the other, each part of them padded to 4 bytes. */
static size_t build_id_among(const unsigned char *notes, size_t bytes, unsigned char *ret_build_id,
                             size_t room) {
  while (bytes >= sizeof(ElfW(Nhdr))) {
    const ElfW(Nhdr) *note = (const void *)notes;
    size_t name = ((size_t)note->n_namesz + 3) & ~(size_t)3, rest = ((size_t)note->n_descsz + 3) & ~(size_t)3;
    const unsigned char *behind = notes + sizeof *note;
    if (name + rest > bytes - sizeof *note) return 0;
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(behind, "GNU", 4) == 0) {
      if (note->n_descsz > room) return 0;
      memcpy(ret_build_id, behind + name, note->n_descsz);
      return note->n_descsz;
    }
    notes = behind + name + rest;
    bytes -= sizeof *note + name + rest;
  }
  return 0;
}

size_t module_build_id(const struct module *module, unsigned char *ret_build_id, size_t room) {
  unsigned count = 0;
  const ElfW(Phdr) *headers = headers_of(module, &count);
  for (unsigned i = 0; i < count; i++) {
    uintptr_t start = module->bias + headers[i].p_vaddr;
    if (headers[i].p_type != PT_NOTE || start % _Alignof(ElfW(Nhdr))) continue;
    if (!module_holds(module, start, headers[i].p_memsz)) continue;
    size_t bytes = build_id_among((const unsigned char *)start, headers[i].p_memsz, ret_build_id, room);
    if (bytes) return bytes;
  }
  return 0;
}

int module_is_code(uintptr_t address) {
  struct module module;
  if (locate((const void *)address, &module) < 0) return 0;
  unsigned count = 0;
  const ElfW(Phdr) *headers = headers_of(&module, &count);
  if (!headers) return 1;
  for (unsigned i = 0; i < count; i++) {
    int is_code = headers[i].p_type == PT_LOAD && headers[i].p_flags & PF_X;
    if (is_code && address - (module.bias + headers[i].p_vaddr) < headers[i].p_memsz) return 1;
  }
  return 0;
}

const void *module_handle(const void *address) {
  struct dl_find_object found;
  return find(address, &found) == 0 ? found.dlfo_link_map : NULL;
}

uint64_t module_mark(const void *address) {
  struct dl_find_object found;
  if (find(address, &found) < 0) return 0;
  uint64_t mark = hash_word((uint64_t)(uintptr_t)found.dlfo_link_map);
  mark = hash_word(mark ^ (uint64_t)(uintptr_t)found.dlfo_map_start);
  mark = hash_word(mark ^ (uint64_t)(uintptr_t)found.dlfo_map_end);
  return mark ? mark : 1;
}
