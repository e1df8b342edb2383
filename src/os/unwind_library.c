/*
 * unwind_library.c: the address space that libunwind is shown, and what is read off its answer.
 *
 * Two registers have values that are like no address, IMAGINARY; words of the stack round about them, too: each is a
 * function of its address. After one step the new values say how they came about: a CFA that is the imaginary sp and
 * a bit is found by a rule of sp, an rbp that is the word at CFA - 16 was saved there. That is done with two sets of
 * such values; a rule that is not the same by both is none that we can follow.
 */
#include "os/unwind_library.h"

#include <errno.h>
#include <stddef.h>

#include "base/compiler.h"
#include "os/unwind_rule.h"

#if defined(__x86_64__)

#include <dlfcn.h>
#include <libunwind-x86_64.h>

#include "os/next.h"
#include "os/unwind_pipe.h"
#include "os/unwind_table.h"

#define WORD sizeof(unw_word_t)

/* Not in its header, but exported for those who bring their own find_proc_info. */
typedef int search_function(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);

static struct {
  __typeof__(unw_create_addr_space) *create;
  __typeof__(unw_init_remote) *init;
  __typeof__(unw_step) *step;
  __typeof__(unw_get_reg) *get;
  search_function *search;
  unw_addr_space_t space;
} library;

/* The values of a step, before and after. */
struct values {
  unw_word_t sp, bp, pc;
};

/* What libunwind is asked at a time, once for each set of imaginary values. */
struct question {
  unsigned set;
  struct values before;
  const struct unwind_table *table;
  int has_no_entry;       /* the table has none for pc */
  unw_word_t entry_start; /* else where the function that it is about begins */
};

static int find_functions(void *handle);
static int begins_function(struct question *question, uintptr_t pc);
static int take_step(struct question *question, struct values *ret_after);
static unw_word_t imaginary(unsigned set, int number);
static uint64_t read_off(const struct question *question, const struct values *after);
static int where_saved(const struct question *question, const struct values *after, uint64_t *ret_saved);
static unw_accessors_t accessors;

int unwind_library_open(const char *name) {
  void *handle =
      dlopen(name, RTLD_NOW | RTLD_LOCAL); /* local: libunwind has names that take libgcc's place */
  if (!handle) {
    next_forget_error();
    return -ENOENT;
  }
  if (find_functions(handle) < 0) {
    next_forget_error();
    next_close(handle);
    return -ENOTSUP;
  }
  struct unwind_pipe pipe;
  unwind_pipe_watch(*(void **)&library.step, &pipe);
  library.space = library.create(&accessors, 0);
  uint64_t rule = library.space ? unwind_library_ask((uintptr_t)__builtin_return_address(0)) : 0;
  unwind_pipe_close(&pipe);
  return unwind_rule_kind(rule) == UNWIND_KIND_SP || unwind_rule_kind(rule) == UNWIND_KIND_BP ? 0 : -ENOTSUP;
}

static int find_functions(void *handle) {
#define NAME(function)  NAME_(function)
#define NAME_(function) #function
  *(void **)&library.create = dlsym(handle, NAME(unw_create_addr_space));
  *(void **)&library.init = dlsym(handle, NAME(unw_init_remote));
  *(void **)&library.step = dlsym(handle, NAME(unw_step));
  *(void **)&library.get = dlsym(handle, NAME(unw_get_reg));
  *(void **)&library.search = dlsym(handle, NAME(UNW_OBJ(dwarf_search_unwind_table)));
  return library.create && library.init && library.step && library.get && library.search ? 0 : -ENOENT;
}

/* The row of a call is that of its last byte: the return address may begin another row, or another function. */
uint64_t unwind_library_ask(uintptr_t pc) {
  struct unwind_table table;
  if (unwind_table_find(pc - 1, &table) < 0) return unwind_rule(UNWIND_KIND_CHAIN, 0, 0);
  uint64_t rules[2];
  for (unsigned set = 0; set < 2; set++) {
    struct question question = {.set = set, .table = &table};
    question.before = (struct values){
        .sp = imaginary(set, UNW_X86_64_RSP), .bp = imaginary(set, UNW_X86_64_RBP), .pc = pc - 1};
    struct values after = {0};
    int result = take_step(&question, &after);
    if (result == -ENOENT)
      return unwind_rule(begins_function(&question, pc) ? UNWIND_KIND_END : UNWIND_KIND_CHAIN, 0, 0);
    rules[set] = result < 0 ? unwind_rule(UNWIND_KIND_NONE, 0, 0) : read_off(&question, &after);
  }
  return rules[0] == rules[1] ? rules[0] : unwind_rule(UNWIND_KIND_NONE, 0, 0);
}

/*
 * A return address where a function begins, and no other ends: no call has left it, but somebody has put it below a
 * stack's first function (makecontext).
 */
static int begins_function(struct question *question, uintptr_t pc) {
  struct values after;
  question->before.pc = pc;
  return take_step(question, &after) != -ENOENT && question->entry_start == pc;
}

/* Returns 0; -ENOENT: the table has no entry; -ENOTSUP: libunwind cannot take the step. after->pc 0: no more frames. */
static int take_step(struct question *question, struct values *ret_after) {
  unw_cursor_t cursor;
  if (library.init(&cursor, library.space, question) < 0) return -ENOTSUP;
  int result = library.step(&cursor);
  if (question->has_no_entry) return -ENOENT; /* then it has guessed */
  if (result < 0) return -ENOTSUP;
  struct values after = {0};
  if (result > 0 && (library.get(&cursor, UNW_X86_64_RIP, &after.pc) < 0 ||
                     library.get(&cursor, UNW_X86_64_RSP, &after.sp) < 0 ||
                     library.get(&cursor, UNW_X86_64_RBP, &after.bp) < 0))
    return -ENOTSUP;
  *ret_after = after;
  return 0;
}

/* ---- imaginary values: the top 16 bits are of no address ---- */

static int is_imaginary(unw_word_t value) {
  return value >> 48 != 0;
}

static unw_word_t imaginary(unsigned set, int number) {
  return (unw_word_t)(0x1000 + 0x400 * (set + 1) * (number + 1)) << 48;
}

/* What stands at an imaginary address. It grows with the address in one set, and shrinks in the other. */
static unw_word_t word_at(unsigned set, unw_word_t address) {
  return set ? ((unw_word_t)0xf010 << 48) - address : address + ((unw_word_t)0x0010 << 48);
}

static unw_word_t address_of(unsigned set, unw_word_t word) {
  return set ? ((unw_word_t)0xf010 << 48) - word : word - ((unw_word_t)0x0010 << 48);
}

/* ---- what a step says of the rule that was followed ---- */

static int is_offset(unw_word_t distance) {
  return distance >= WORD && distance < UNWIND_OFFSET_MOST && distance % WORD == 0;
}

static uint64_t read_off(const struct question *question, const struct values *after) {
  const struct values *before = &question->before;
  unw_word_t cfa = after->sp, below_fp = before->bp - address_of(question->set, cfa);
  uint64_t saved;
  if (!after->pc) return unwind_rule(UNWIND_KIND_END, 0, 0);
  if (after->pc != word_at(question->set, cfa - WORD)) return unwind_rule(UNWIND_KIND_NONE, 0, 0);
  if (is_offset(below_fp) && after->bp == word_at(question->set, before->bp))
    return unwind_rule(UNWIND_KIND_REALIGNED, 0, below_fp);
  if (where_saved(question, after, &saved) < 0) return unwind_rule(UNWIND_KIND_NONE, 0, 0);
  if (is_offset(cfa - before->sp)) return unwind_rule(UNWIND_KIND_SP, saved, cfa - before->sp);
  if (is_offset(cfa - before->bp)) return unwind_rule(UNWIND_KIND_BP, saved, cfa - before->bp);
  return unwind_rule(UNWIND_KIND_NONE, 0, 0);
}

static int where_saved(const struct question *question, const struct values *after, uint64_t *ret_saved) {
  unw_word_t below = after->sp - address_of(question->set, after->bp);
  int is_saved = after->bp != question->before.bp;
  if (is_saved && (!is_offset(below) || below / WORD > UNWIND_SAVED_MOST)) return -ENOTSUP;
  *ret_saved = is_saved ? below / WORD : 0;
  return 0;
}

/* ---- the address space ---- */

static int find_entry(unw_addr_space_t space, unw_word_t pc, unw_proc_info_t *ret_info, int needs_table,
                      void *argument) {
  struct question *question = argument;
  const struct unwind_table *table = question->table;
  int result = -UNW_ENOINFO;
  if (pc >= table->module_start && pc < table->module_end) {
    unw_dyn_info_t where = {.start_ip = table->module_start,
                            .end_ip = table->module_end,
                            .format = UNW_INFO_FORMAT_REMOTE_TABLE,
                            .u.rti = {.segbase = table->header,
                                      .table_len = table->count, /* of entries of one word */
                                      .table_data = table->entries}};
    result = library.search(space, pc, &where, ret_info, needs_table, argument);
  }
  question->has_no_entry = result == -UNW_ENOINFO;
  if (result >= 0) question->entry_start = ret_info->start_ip;
  return result;
}

static void put_entry(unw_addr_space_t space, unw_proc_info_t *info, void *argument) {
  (void)space, (void)info, (void)argument; /* not called: libunwind's own table search has made it */
}

static int find_dynamic(unw_addr_space_t space, unw_word_t *ret_list, void *argument) {
  (void)space, (void)ret_list, (void)argument;
  return -UNW_ENOINFO;
}

/*
 * Words of the imaginary stack, and of the area of a module's file where its table is. Elsewhere in the module there
 * are pointers to handlers of exceptions, which nobody will call: 0 will do.
 */
static int read_word(unw_addr_space_t space, unw_word_t address, unw_word_t *ret_word, int is_write,
                     void *argument) {
  (void)space;
  const struct question *question = argument;
  const struct unwind_table *table = question->table;
  if (is_write || address % WORD) return -UNW_EINVAL;
  if (is_imaginary(address)) {
    *ret_word = word_at(question->set, address);
  } else if (address - (table->area.start & -WORD) < table->area.bytes) {
    *ret_word = *(const unw_word_t *)address; /* to the end of its page the file's area is mapped */
  } else if (address >= table->module_start && address < table->module_end) {
    *ret_word = 0;
  } else {
    return -UNW_EINVAL;
  }
  return 0;
}

static int read_register(unw_addr_space_t space, unw_regnum_t number, unw_word_t *ret_value, int is_write,
                         void *argument) {
  (void)space;
  const struct question *question = argument;
  if (is_write) return -UNW_EREADONLYREG;
  *ret_value = number == UNW_X86_64_RIP ? question->before.pc : imaginary(question->set, number);
  return 0;
}

static int read_float(unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value, int is_write,
                      void *argument) {
  (void)space, (void)number, (void)value, (void)is_write, (void)argument;
  return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *argument) {
  (void)space, (void)cursor, (void)argument;
  return -UNW_EINVAL;
}

static int find_name(unw_addr_space_t space, unw_word_t pc, char *name, size_t room, unw_word_t *offset,
                     void *argument) {
  (void)space, (void)pc, (void)name, (void)room, (void)offset, (void)argument;
  return -UNW_EINVAL;
}

static unw_accessors_t accessors = {.find_proc_info = find_entry,
                                    .put_unwind_info = put_entry,
                                    .get_dyn_info_list_addr = find_dynamic,
                                    .access_mem = read_word,
                                    .access_reg = read_register,
                                    .access_fpreg = read_float,
                                    .resume = resume,
                                    .get_proc_name = find_name};

#else /* no libunwind of this machine is known to us */

int unwind_library_open(const char *name) {
  (void)name;
  return -ENOENT;
}

uint64_t unwind_library_ask(uintptr_t pc) {
  (void)pc;
  return unwind_rule(UNWIND_KIND_CHAIN, 0, 0);
}

#endif
