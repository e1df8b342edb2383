/*
 * dynamic.c: addresses are turned into places of the file by what the loader would map there. How many symbols there
 * are, only the hash tables tell.
 */
#include "doctor/dynamic.h"

#include <errno.h>
#include <string.h>

/* Bytes of a dynamic section that are looked at: real ones have a few hundred entries of 16. */
#define ENTRIES_BYTES ((uint64_t)65536)

/* A stretch of the file. */
struct part {
  uint64_t offset;
  uint64_t bytes;
};

static int find_entries(Elf *elf, struct part *ret_part);
static int find_address(Elf *elf, uint64_t address, struct part *ret_part);
static int read_symbols(struct dynamic *dynamic);
static size_t count_symbols(const struct dynamic *dynamic);
static size_t count_by_gnu_hash(Elf *elf, uint64_t address);
static Elf_Data *read_words(Elf *elf, const struct part *part, uint64_t first, uint64_t count);
static const char *text_at(const struct dynamic *dynamic, uint64_t offset);

int dynamic_read(Elf *elf, struct dynamic *ret_dynamic) {
  struct dynamic dynamic = {.elf = elf};
  struct part part;
  int error = find_entries(elf, &part);
  if (error) return error;
  dynamic.entries = elf_getdata_rawchunk(elf, (int64_t)part.offset, part.bytes, ELF_T_DYN);
  if (!dynamic.entries) return -EBADMSG;

  uint64_t texts, bytes;
  if (dynamic_value(&dynamic, DT_STRTAB, 0, &texts) && dynamic_value(&dynamic, DT_STRSZ, 0, &bytes)) {
    if (find_address(elf, texts, &part) != 0 || part.bytes < bytes) return -EBADMSG;
    dynamic.texts = elf_getdata_rawchunk(elf, (int64_t)part.offset, bytes, ELF_T_BYTE);
    if (!dynamic.texts) return -EBADMSG;
    error = read_symbols(&dynamic);
  }
  if (!error) *ret_dynamic = dynamic;
  return error;
}

bool dynamic_value(const struct dynamic *dynamic, int64_t tag, size_t index, uint64_t *ret_value) {
  GElf_Dyn entry;
  size_t count = dynamic->entries->d_size / gelf_fsize(dynamic->elf, ELF_T_DYN, 1, EV_CURRENT);
  for (size_t i = 0; i < count && gelf_getdyn(dynamic->entries, (int)i, &entry); i++) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag != tag || index-- > 0) continue;
    *ret_value = entry.d_un.d_val;
    return true;
  }
  return false;
}

const char *dynamic_text(const struct dynamic *dynamic, int64_t tag, size_t index) {
  uint64_t offset;
  if (!dynamic_value(dynamic, tag, index, &offset)) return NULL;
  const char *text = text_at(dynamic, offset);
  return text ? text : "";
}

void dynamic_visit_symbols(const struct dynamic *dynamic, dynamic_visitor visit, void *context) {
  if (!dynamic->symbols) return;
  GElf_Sym symbol;
  size_t count = dynamic->symbols->d_size / gelf_fsize(dynamic->elf, ELF_T_SYM, 1, EV_CURRENT);
  for (size_t i = 0; i < count && gelf_getsym(dynamic->symbols, (int)i, &symbol); i++) {
    const char *name = text_at(dynamic, symbol.st_name);
    unsigned bind = GELF_ST_BIND(symbol.st_info), seen = GELF_ST_VISIBILITY(symbol.st_other);
    bool is_global = bind == STB_GLOBAL || bind == STB_WEAK || bind == STB_GNU_UNIQUE;
    bool is_own = symbol.st_shndx != SHN_UNDEF && is_global && (seen == STV_DEFAULT || seen == STV_PROTECTED);
    if (name && *name) visit(name, is_own, context);
  }
}

static int find_entries(Elf *elf, struct part *ret_part) {
  size_t count;
  if (elf_getphdrnum(elf, &count) != 0) return -EBADMSG;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf, (int)i, &header)) return -EBADMSG;
    if (header.p_type != PT_DYNAMIC) continue;
    uint64_t bytes = header.p_filesz < ENTRIES_BYTES ? header.p_filesz : ENTRIES_BYTES;
    *ret_part = (struct part){.offset = header.p_offset, .bytes = bytes};
    return header.p_offset > INT64_MAX ? -EBADMSG : 0;
  }
  return -ENOENT;
}

/* The rest of the segment from there on. */
static int find_address(Elf *elf, uint64_t address, struct part *ret_part) {
  size_t count;
  if (elf_getphdrnum(elf, &count) != 0) return -EBADMSG;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr header;
    if (!gelf_getphdr(elf, (int)i, &header)) return -EBADMSG;
    uint64_t within = address - header.p_vaddr;
    if (header.p_type != PT_LOAD || address < header.p_vaddr || within >= header.p_filesz) continue;
    if (header.p_offset > INT64_MAX - within) return -EBADMSG;
    *ret_part = (struct part){.offset = header.p_offset + within, .bytes = header.p_filesz - within};
    return 0;
  }
  return -EBADMSG;
}

static int read_symbols(struct dynamic *dynamic) {
  uint64_t address;
  struct part part;
  size_t count = count_symbols(dynamic);
  if (count == 0 || !dynamic_value(dynamic, DT_SYMTAB, 0, &address)) return 0;
  size_t each = gelf_fsize(dynamic->elf, ELF_T_SYM, 1, EV_CURRENT);
  if (find_address(dynamic->elf, address, &part) != 0 || part.bytes / each < count) return -EBADMSG;
  dynamic->symbols = elf_getdata_rawchunk(dynamic->elf, (int64_t)part.offset, count * each, ELF_T_SYM);
  return dynamic->symbols ? 0 : -EBADMSG;
}

static size_t count_symbols(const struct dynamic *dynamic) {
  uint64_t address;
  struct part part;
  if (dynamic_value(dynamic, DT_HASH, 0, &address) && find_address(dynamic->elf, address, &part) == 0) {
    const Elf_Data *words = read_words(dynamic->elf, &part, 0, 2);
    return words ? ((const uint32_t *)words->d_buf)[1] : 0; /* a chain for each */
  }
  if (dynamic_value(dynamic, DT_GNU_HASH, 0, &address)) return count_by_gnu_hash(dynamic->elf, address);
  return 0;
}

/* The last symbol is that at which the chain of the highest bucket ends. */
static size_t count_by_gnu_hash(Elf *elf, uint64_t address) {
  struct part part;
  if (find_address(elf, address, &part) != 0) return 0;
  const Elf_Data *head = read_words(elf, &part, 0, 4);
  if (!head) return 0;
  const uint32_t *word = head->d_buf;
  uint64_t buckets = word[0], first = word[1], last = 0;
  uint64_t at = 4 + (uint64_t)word[2] * gelf_fsize(elf, ELF_T_ADDR, 1, EV_CURRENT) / sizeof(uint32_t);
  const Elf_Data *heads = buckets ? read_words(elf, &part, at, buckets) : NULL;
  for (uint64_t i = 0; heads && i < buckets; i++) {
    uint32_t symbol = ((const uint32_t *)heads->d_buf)[i];
    if (symbol > last) last = symbol;
  }
  if (!heads || last < first) return first;
  at += buckets + (last - first);
  if (at >= part.bytes / sizeof(uint32_t)) return 0;
  uint64_t left = part.bytes / sizeof(uint32_t) - at;
  const Elf_Data *chain = read_words(elf, &part, at, left);
  for (uint64_t i = 0; chain && i < left; i++) {
    if (((const uint32_t *)chain->d_buf)[i] & 1) return last + i + 1;
  }
  return 0;
}

/* NULL: they are not all in the part, or the file. */
static Elf_Data *read_words(Elf *elf, const struct part *part, uint64_t first, uint64_t count) {
  uint64_t room = part->bytes / sizeof(uint32_t);
  if (first > room || count > room - first) return NULL;
  return elf_getdata_rawchunk(elf, (int64_t)(part->offset + first * sizeof(uint32_t)),
                              count * sizeof(uint32_t), ELF_T_WORD);
}

static const char *text_at(const struct dynamic *dynamic, uint64_t offset) {
  if (!dynamic->texts || offset >= dynamic->texts->d_size) return NULL;
  const char *text = (const char *)dynamic->texts->d_buf + offset;
  return memchr(text, 0, dynamic->texts->d_size - offset) ? text : NULL;
}
