/*
 * unwind_entries.c: finding the entry of a place in the code, and running its instructions up to there.
 */
#include "os/unwind_entries.h"

#include <errno.h>
#include <string.h>

#include "os/unwind_rule.h"
#include "os/unwind_table.h"

#if defined(__x86_64__)

/* Registers by their DWARF numbers (System V x86-64 ABI, figure 3.36). */
enum { RBP = 6, RSP = 7, RETURN_ADDRESS = 16 };

#define WORD            8
#define REMEMBERED_MOST 8

/* Bytes that are read one after another, within the area of the table. */
struct reading {
  const struct unwind_table *table;
  uintptr_t at;
  uintptr_t end;
  int is_broken; /* read beyond the end, or found what is not followed */
};

/* Where a register of the caller's is. */
struct saved {
  enum { IN_PLACE, AT_CFA, NOWHERE, ELSEWHERE } where;
  int64_t offset; /* AT_CFA: from the CFA */
};

struct row {
  uint64_t cfa_register;
  int64_t cfa_offset;
  struct saved rbp;
  struct saved return_address;
};

struct entry {
  uintptr_t start; /* of the code that it is about */
  uintptr_t bytes;
  uint64_t code_unit;
  int64_t data_unit;
  uint8_t address_form;
  struct reading common; /* instructions of the common part, then its own */
  struct reading own;
};

struct machine {
  const struct entry *entry;
  uintptr_t target;
  uintptr_t location;
  struct row row;
  struct row initial;
  struct row remembered[REMEMBERED_MOST];
  unsigned remembered_count;
};

static int find_entry(const struct unwind_table *table, uintptr_t address, struct entry *ret_entry);
static int read_common(struct reading reading, struct entry *ret_entry, int *ret_has_size);
static int run(struct machine *machine, struct reading *reading);
static int run_one(struct machine *machine, struct reading *reading, uint8_t instruction);
static int run_rare(struct machine *machine, struct reading *reading, uint8_t instruction);
static int rule_of(const struct row *row, uint64_t *ret_rule);

/* The row of a call is that of its last byte: the return address may begin another row, or another function. */
int unwind_entries_ask(uintptr_t pc, uint64_t *ret_rule) {
  struct unwind_table table;
  struct entry entry;
  *ret_rule = unwind_rule(UNWIND_KIND_CHAIN, 0, 0);
  int result = unwind_table_find(pc - 1, &table);
  if (result < 0) return result == -ENOENT ? 0 : -ENOTSUP;
  result = find_entry(&table, pc - 1, &entry);
  if (result == -ENOENT) {
    /* Where a function begins, and no other ends: somebody has put it below a stack's first one (makecontext). */
    int begins = find_entry(&table, pc, &entry) == 0 && entry.start == pc;
    if (begins) *ret_rule = unwind_rule(UNWIND_KIND_END, 0, 0);
    return 0;
  }
  if (result < 0) return result;
  struct machine machine = {.entry = &entry, .target = pc - 1, .location = entry.start};
  result = run(&machine, &entry.common);
  machine.initial = machine.row;
  if (result == 0) result = run(&machine, &entry.own);
  return result < 0 ? result : rule_of(&machine.row, ret_rule);
}

static int rule_of(const struct row *row, uint64_t *ret_rule) {
  if (row->return_address.where == NOWHERE) {
    *ret_rule = unwind_rule(UNWIND_KIND_END, 0, 0);
    return 0;
  }
  uint64_t saved = 0;
  if (row->return_address.where != AT_CFA || row->return_address.offset != -WORD) return -ENOTSUP;
  if (row->rbp.where == AT_CFA && row->rbp.offset < 0 && row->rbp.offset % WORD == 0)
    saved = (uint64_t)-row->rbp.offset / WORD;
  else if (row->rbp.where != IN_PLACE)
    return -ENOTSUP;
  int is_offset =
      row->cfa_offset >= WORD && row->cfa_offset < (int64_t)UNWIND_OFFSET_MOST && row->cfa_offset % WORD == 0;
  if (!is_offset || saved > UNWIND_SAVED_MOST || (row->cfa_register != RSP && row->cfa_register != RBP))
    return -ENOTSUP;
  *ret_rule = unwind_rule(row->cfa_register == RSP ? UNWIND_KIND_SP : UNWIND_KIND_BP, saved,
                          (uint64_t)row->cfa_offset);
  return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static int read_bytes(struct reading *reading, void *ret_bytes, size_t count) {
  if (reading->is_broken || count > reading->end - reading->at) {
    memset(ret_bytes, 0, count);
    reading->is_broken = 1;
    return -ENOTSUP;
  }
  memcpy(ret_bytes, (const void *)reading->at, count);
  reading->at += count;
  return 0;
}

static uint64_t read_number(struct reading *reading, size_t count) {
  uint64_t number = 0; /* little-endian */
  read_bytes(reading, &number, count);
  return number;
}

/* DWARF 4, 7.6: seven bits a byte, the lowest first. Returns how many bits there were. */
static unsigned read_leb(struct reading *reading, uint64_t *ret_number) {
  uint64_t number = 0, byte;
  unsigned shift = 0;
  do {
    byte = read_number(reading, 1);
    if (shift < 64) number |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte & 0x80 && shift < 70);
  if (byte & 0x80) reading->is_broken = 1;
  *ret_number = number;
  return byte & 0x40 ? shift : 64; /* where to extend the sign from */
}

static uint64_t read_unsigned(struct reading *reading) {
  uint64_t number;
  read_leb(reading, &number);
  return number;
}

static int64_t read_signed(struct reading *reading) {
  uint64_t number;
  unsigned shift = read_leb(reading, &number);
  if (shift < 64) number |= ~UINT64_C(0) << shift;
  return (int64_t)number;
}

/* The forms of addresses that compilers write: 4 or 8 bytes, or a pointer's, alone or relative to where they stand. */
static uintptr_t read_address(struct reading *reading, uint8_t form) {
  uintptr_t here = reading->at;
  uint64_t number;
  switch (form & 0x0f) {
  case 0x00: /* DW_EH_PE_absptr */
  case 0x04: /* udata8 */
  case 0x0c: /* sdata8 */
    number = read_number(reading, 8);
    break;
  case 0x03: /* udata4 */
    number = read_number(reading, 4);
    break;
  case 0x0b: /* sdata4 */
    number = (uint64_t)(int64_t)(int32_t)read_number(reading, 4);
    break;
  default:
    reading->is_broken = 1;
    return 0;
  }
  if ((form & 0xf0) == 0x10) return here + number; /* DW_EH_PE_pcrel */
  if (form & 0xf0) reading->is_broken = 1;
  return number;
}

/* A record of .eh_frame: its length, and what follows up to there. */
static struct reading read_record(const struct unwind_table *table, uintptr_t at) {
  uintptr_t end = table->area.start + table->area.bytes;
  struct reading reading = {.table = table, .at = at, .end = end};
  reading.is_broken = at < table->area.start || at > end;
  if (reading.is_broken) reading.at = reading.end;
  uint64_t length = read_number(&reading, 4);
  if (length >= 0xfffffff0 || length > reading.end - reading.at) reading.is_broken = 1;
  if (!reading.is_broken) reading.end = reading.at + length;
  return reading;
}

/* ---- the entry ----------------------------------------------------------------------------------------- */

static int32_t table_number(const struct unwind_table *table, size_t index) {
  int32_t number;
  memcpy(&number, (const void *)(table->entries + index * sizeof number), sizeof number);
  return number;
}

/* Returns 0; -ENOENT: there is none for the address; -ENOTSUP. */
static int find_entry(const struct unwind_table *table, uintptr_t address, struct entry *ret_entry) {
  size_t low = 0, high = table->count; /* functions below `low` start at or below the address */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (table->header + (uintptr_t)(intptr_t)table_number(table, 2 * middle) <= address)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0) return -ENOENT;
  struct reading own =
      read_record(table, table->header + (uintptr_t)(intptr_t)table_number(table, 2 * low - 1));
  uintptr_t here = own.at;
  uint64_t back = read_number(&own, 4);
  struct entry entry = {.address_form = 0};
  int has_size;
  if (own.is_broken || !back || read_common(read_record(table, here - back), &entry, &has_size) < 0)
    return -ENOTSUP;
  entry.start = read_address(&own, entry.address_form);
  entry.bytes = read_address(&own, entry.address_form & 0x0f); /* a size: relative to nothing */
  uint64_t skipped = has_size ? read_unsigned(&own) : 0;
  if (own.is_broken || skipped > own.end - own.at) return -ENOTSUP;
  own.at += skipped;
  entry.own = own;
  if (address - entry.start >= entry.bytes) return -ENOENT;
  *ret_entry = entry;
  return 0;
}

/* The part that many entries share. Its augmentation may name a form of addresses; a signal frame is not followed. */
static int read_common(struct reading reading, struct entry *ret_entry, int *ret_has_size) {
  char names[8] = "";
  if (read_number(&reading, 4) != 0) return -ENOTSUP; /* no common part */
  uint64_t version = read_number(&reading, 1);
  for (size_t i = 0; i < sizeof names && (names[i] = (char)read_number(&reading, 1)); i++) {
  }
  if ((version != 1 && version != 3) || names[sizeof names - 1]) return -ENOTSUP;
  ret_entry->code_unit = read_unsigned(&reading);
  ret_entry->data_unit = read_signed(&reading);
  uint64_t return_register = version == 1 ? read_number(&reading, 1) : read_unsigned(&reading);
  if (return_register != RETURN_ADDRESS || (names[0] && names[0] != 'z')) return -ENOTSUP;
  *ret_has_size = names[0] == 'z';
  uint64_t size = *ret_has_size ? read_unsigned(&reading) : 0;
  if (reading.is_broken || size > reading.end - reading.at) return -ENOTSUP;
  uintptr_t instructions = reading.at + size;
  for (const char *name = names + *ret_has_size; *name; name++) {
    if (*name == 'R')
      ret_entry->address_form = (uint8_t)read_number(&reading, 1);
    else if (*name == 'L')
      read_number(&reading, 1);
    else if (*name == 'P')
      read_address(&reading, (uint8_t)read_number(&reading, 1) & 0x7f); /* not followed through its pointer */
    else
      return -ENOTSUP;
  }
  reading.at = instructions;
  ret_entry->common = reading;
  return reading.is_broken ? -ENOTSUP : 0;
}

/* ---- its instructions ---------------------------------------------------------------------------------- */

/* Up to the first row that begins behind the target. */
static int run(struct machine *machine, struct reading *reading) {
  while (reading->at < reading->end && machine->location <= machine->target) {
    int result = run_one(machine, reading, (uint8_t)read_number(reading, 1));
    if (reading->is_broken || result < 0) return -ENOTSUP;
  }
  return 0;
}

static struct saved *register_of(struct row *row, uint64_t number) {
  return number == RBP ? &row->rbp : number == RETURN_ADDRESS ? &row->return_address : NULL;
}

static void set_register(struct machine *machine, uint64_t number, struct saved saved) {
  struct saved *place = register_of(&machine->row, number);
  if (place) *place = saved;
}

static struct saved at_cfa(const struct machine *machine, int64_t factor) {
  return (struct saved){.where = AT_CFA, .offset = factor * machine->entry->data_unit};
}

static void restore_register(struct machine *machine, uint64_t number) {
  struct saved *before = register_of(&machine->initial, number);
  if (before) set_register(machine, number, *before);
}

static void advance(struct machine *machine, uint64_t units) {
  machine->location += units * machine->entry->code_unit;
}

/* DWARF 4, figure 40. The three whose operand is in the instruction, then what every function has. */
static int run_one(struct machine *machine, struct reading *reading, uint8_t instruction) {
  uint8_t operand = instruction & 0x3f;
  switch (instruction & 0xc0) {
  case 0x40: /* DW_CFA_advance_loc */
    advance(machine, operand);
    return 0;
  case 0x80: /* offset */
    set_register(machine, operand, at_cfa(machine, (int64_t)read_unsigned(reading)));
    return 0;
  case 0xc0: /* restore */
    restore_register(machine, operand);
    return 0;
  }
  switch (instruction) {
  case 0x00: /* nop */
    return 0;
  case 0x02: /* advance_loc1 */
  case 0x03: /* advance_loc2 */
  case 0x04: /* advance_loc4 */
    advance(machine, read_number(reading, (size_t)1 << (instruction - 2)));
    return 0;
  case 0x0c: /* def_cfa */
    machine->row.cfa_register = read_unsigned(reading);
    machine->row.cfa_offset = (int64_t)read_unsigned(reading);
    return 0;
  case 0x0d: /* def_cfa_register */
    machine->row.cfa_register = read_unsigned(reading);
    return 0;
  case 0x0e: /* def_cfa_offset */
    machine->row.cfa_offset = (int64_t)read_unsigned(reading);
    return 0;
  case 0x0a: /* remember_state */
    if (machine->remembered_count == REMEMBERED_MOST) return -ENOTSUP;
    machine->remembered[machine->remembered_count++] = machine->row;
    return 0;
  case 0x0b: /* restore_state */
    if (machine->remembered_count == 0) return -ENOTSUP;
    machine->row = machine->remembered[--machine->remembered_count];
    return 0;
  default:
    return run_rare(machine, reading, instruction);
  }
}

/* Of a register that nobody asks for it is enough to know how long the instruction is. */
static int run_rare(struct machine *machine, struct reading *reading, uint8_t instruction) {
  uint64_t number =
      instruction == 0x01 || instruction == 0x0f || instruction == 0x2e ? 0 : read_unsigned(reading);
  switch (instruction) {
  case 0x05: /* offset_extended */
    set_register(machine, number, at_cfa(machine, (int64_t)read_unsigned(reading)));
    return 0;
  case 0x06: /* restore_extended */
    restore_register(machine, number);
    return 0;
  case 0x07: /* undefined */
    set_register(machine, number, (struct saved){.where = NOWHERE});
    return 0;
  case 0x08: /* same_value */
    set_register(machine, number, (struct saved){.where = IN_PLACE});
    return 0;
  case 0x09: /* register */
    read_unsigned(reading);
    set_register(machine, number, (struct saved){.where = ELSEWHERE});
    return 0;
  case 0x10: /* expression */
  case 0x16: /* val_expression */
    set_register(machine, number, (struct saved){.where = ELSEWHERE});
    number = read_unsigned(reading);
    if (number > reading->end - reading->at) return -ENOTSUP;
    reading->at += number;
    return 0;
  case 0x11: /* offset_extended_sf */
    set_register(machine, number, at_cfa(machine, read_signed(reading)));
    return 0;
  case 0x2e: /* GNU_args_size */
    read_unsigned(reading);
    return 0;
  default: /* the CFA is an expression, among others */
    return -ENOTSUP;
  }
}

#else

int unwind_entries_ask(uintptr_t pc, uint64_t *ret_rule) {
  (void)pc, (void)ret_rule;
  return -ENOTSUP;
}

#endif
