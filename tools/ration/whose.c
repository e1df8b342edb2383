/*
 * whose.c: `ration whose PID ADDR`: the category of the block that starts at an address of a running process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "complain.h"
#include "reader/newest.h"
#include "reader/sample_list.h"
#include "reader/tags.h"
#include "view/emitter.h"

/* The answer, flat, for the fields below. */
struct answer {
  const char *program;
  const char *address;
  const char *category; /* NULL: foreign */
  const char *block;    /* "block", "foreign" */
  const char *no_size;  /* NULL, in the place of a size */
  uint64_t usable_bytes;
  uint32_t pid;
};

#define ANSWER(member) .offset = offsetof(struct answer, member)

static const struct field answer_fields[] = {
    {.name = "address", .kind = FIELD_NAME, ANSWER(address), .phrase = "%s"},
    {.name = "program", .kind = FIELD_NAME, ANSWER(program), .phrase = " in %s"},
    {.name = "pid", .kind = FIELD_ID, ANSWER(pid), .phrase = " (pid %s)"},
    {.name = "block", .kind = FIELD_NAME, ANSWER(block), .phrase = ": %s"},
    {.name = "category", .kind = FIELD_NAME, ANSWER(category), .phrase = " of %s"},
};
static const struct field size_known[] = {
    {.name = "usable_bytes", .kind = FIELD_COUNT, ANSWER(usable_bytes), .phrase = ", %s usable byte{s}"},
};
static const struct field size_unknown[] = {
    {.name = "usable_bytes", .kind = FIELD_NAME, ANSWER(no_size), .null_phrase = ", size unknown"},
};

static const struct field size_of_foreign[] = {
    {.name = "usable_bytes", .kind = FIELD_NAME, ANSWER(no_size)},
};

extern const struct argp whose_argp;
int whose_command(struct emitter *emitter);
static error_t parse(int key, char *argument, struct argp_state *state);
static int take_pid(const char *text);
static int take_address(const char *text);
static int find_out(struct process *process, struct block_facts *ret_facts, struct fault *ret_fault);
static void say(struct emitter *emitter, const struct snapshot *snapshot, const struct block_facts *facts);

const struct argp whose_argp = {.parser = parse, .args_doc = "PID ADDR"};

static uint32_t pid;
static uint64_t address;

int whose_command(struct emitter *emitter) {
  struct fault fault = {"not enough memory"};
  struct block_facts facts = {0};
  struct process *process = malloc(sizeof *process);
  int error = process ? find_out(process, &facts, &fault) : -ENOMEM;
  if (error) {
    char name[16];
    snprintf(name, sizeof name, "%u", pid);
    complain(name, "%s", fault.words);
  } else {
    say(emitter, &process->snapshot, &facts);
  }
  free(process);
  return error ? STATUS_MISSING : STATUS_DONE;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  if (key == ARGP_KEY_ARG && state->arg_num == 0) return take_pid(argument);
  if (key == ARGP_KEY_ARG && state->arg_num == 1) return take_address(argument);
  if (key == ARGP_KEY_END && state->arg_num < 2) {
    complain("whose", "takes a pid and an address; see `ration help whose`");
    return COMMAND_COMPLAINED;
  }
  return ARGP_ERR_UNKNOWN;
}

static int take_pid(const char *text) {
  uint64_t number;
  size_t digits = text_read_decimal(text, &number);
  if (digits == 0 || text[digits] != 0 || number == 0 || number > INT32_MAX) {
    complain(text, "no pid; pids are 1 to %d", INT32_MAX);
    return COMMAND_COMPLAINED;
  }
  pid = (uint32_t)number;
  return 0;
}

/* Decimal, or hexadecimal after 0x. */
static int take_address(const char *text) {
  bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char *digits = is_hex ? text + 2 : text;
  size_t length = strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789");
  errno = 0;
  address = strtoull(digits, NULL, is_hex ? 16 : 10);
  if (length == 0 || digits[length] != 0 || errno != 0) {
    complain(text, "no address; give it in decimal, or in hexadecimal after 0x");
    return COMMAND_COMPLAINED;
  }
  return 0;
}

static int find_out(struct process *process, struct block_facts *ret_facts, struct fault *ret_fault) {
  int error = newest_of_pid(pid, process, ret_fault);
  if (error) return error;
  if (!process_is_alive(process)) {
    return fault_set(ret_fault, -ESRCH, "is dead, and its blocks with it; `ration report %u` shows its table",
                     pid);
  }
  struct block_facts facts;
  error = tags_look_up(&process->snapshot, address, &facts, ret_fault);
  if (!error && facts.category == RATION_TAG_SAMPLED)
    error = sample_list_category(process->path, process->is_memfd, address, &facts.category, ret_fault);
  if (error) return error;
  if (facts.category > process->snapshot.category_count) {
    return fault_set(ret_fault, -EBADMSG, "corrupted: a block of category %u, which is not there",
                     facts.category);
  }
  *ret_facts = facts;
  return 0;
}

static void say(struct emitter *emitter, const struct snapshot *snapshot, const struct block_facts *facts) {
  char address_text[24];
  snprintf(address_text, sizeof address_text, "0x%llx", (unsigned long long)address);
  bool is_foreign = facts->category == 0;
  struct answer answer = {
      .program = snapshot->program,
      .pid = pid,
      .address = address_text,
      .block = is_foreign ? "foreign" : "block",
      .category = is_foreign ? NULL : snapshot->categories[facts->category].name,
      .usable_bytes = facts->usable_bytes,
  };
  emitter_part(emitter, FIELDS(answer_fields), &answer);
  if (is_foreign) {
    emitter_fields(emitter, FIELDS(size_of_foreign), &answer);
  } else if (facts->has_size) {
    emitter_part(emitter, FIELDS(size_known), &answer);
  } else {
    emitter_part(emitter, FIELDS(size_unknown), &answer);
  }
  emitter_end_line(emitter);
}
