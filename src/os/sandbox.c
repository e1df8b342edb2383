/*
 * sandbox.c: a filter is a program of the classic Berkeley packet filter, over the number and the arguments of a call: it is run
 * here as seccomp(2) runs it.
 */
#include "os/sandbox.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "base/atomics.h"
#include "os/system.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static uint32_t kills_mprotect, kills_madvise, kills_mmap; /* never again 0 */

/* The accumulator, the index register, the scratch words, and what the program looks at. */
struct machine {
  uint32_t a, x, words[BPF_MEMWORDS];
  struct seccomp_data data;
};

static uint32_t *flag_of(long call);
static uint32_t run(const struct sock_fprog *filter, const struct seccomp_data *data);

void sandbox_note(const struct sock_fprog *filter) {
  static const long calls[] = {SYS_mprotect, SYS_madvise, SYS_mmap};
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
    if (!filter || sandbox_filter_kills(filter, calls[i]))
      store_relaxed(flag_of(calls[i]), 1); /* the only value; threads under the filter see it */
}

int sandbox_kills(long call) {
  return (int)load_relaxed(flag_of(call)); /* as above */
}

static uint32_t *flag_of(long call) {
  return call == SYS_mprotect ? &kills_mprotect : call == SYS_madvise ? &kills_madvise : &kills_mmap;
}

/*
 * Of mprotect and mmap the protection is the third argument, of madvise the advice. A signal, by which some filters have calls
 * done by others, ends who has no handler for it.
 */
int sandbox_filter_kills(const struct sock_fprog *filter, long call) {
  uint64_t what = call == SYS_mprotect  ? PROT_READ | PROT_WRITE
                  : call == SYS_madvise ? MADV_POPULATE_WRITE
                                        : PROT_NONE;
  struct seccomp_data data = {.nr = (int)call, .arch = MACHINE, .args = {4096, 4096, what}};
  uint32_t action = run(filter, &data) & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD ||
         action == SECCOMP_RET_TRAP;
}

static uint32_t calculate(uint16_t operation, uint32_t a, uint32_t b) {
  switch (operation) {
  case BPF_ADD:
    return a + b;
  case BPF_SUB:
    return a - b;
  case BPF_MUL:
    return a * b;
  case BPF_DIV:
    return b ? a / b : 0;
  case BPF_AND:
    return a & b;
  case BPF_OR:
    return a | b;
  case BPF_XOR:
    return a ^ b;
  case BPF_LSH:
    return a << (b & 31);
  case BPF_RSH:
    return a >> (b & 31);
  default: /* BPF_NEG */
    return 0 - a;
  }
}

static int is_met(uint16_t condition, uint32_t a, uint32_t b) {
  switch (condition) {
  case BPF_JEQ:
    return a == b;
  case BPF_JGT:
    return a > b;
  case BPF_JGE:
    return a >= b;
  default: /* BPF_JSET */
    return (a & b) != 0;
  }
}

/* The kernel has checked it: offsets are of words that are there. */
static uint32_t load(const struct machine *machine, const struct sock_filter *step) {
  uint32_t word = 0;
  switch (BPF_MODE(step->code)) {
  case BPF_IMM:
    return step->k;
  case BPF_MEM:
    return step->k < BPF_MEMWORDS ? machine->words[step->k] : 0;
  case BPF_LEN:
    return sizeof machine->data;
  default: /* BPF_ABS */
    if (step->k <= sizeof machine->data - sizeof word)
      memcpy(&word, (const char *)&machine->data + step->k, sizeof word);
    return word;
  }
}

static uint32_t run(const struct sock_fprog *filter, const struct seccomp_data *data) {
  struct machine machine = {.data = *data};
  for (uint32_t at = 0; at < filter->len; at++) {
    const struct sock_filter *step = &filter->filter[at];
    uint32_t operand = BPF_SRC(step->code) == BPF_X ? machine.x : step->k;
    switch (BPF_CLASS(step->code)) {
    case BPF_LD:
      machine.a = load(&machine, step);
      break;
    case BPF_LDX:
      machine.x = load(&machine, step);
      break;
    case BPF_ST:
    case BPF_STX:
      if (step->k < BPF_MEMWORDS)
        machine.words[step->k] = BPF_CLASS(step->code) == BPF_ST ? machine.a : machine.x;
      break;
    case BPF_ALU:
      machine.a = calculate(BPF_OP(step->code), machine.a, operand);
      break;
    case BPF_JMP:
      at += BPF_OP(step->code) == BPF_JA                     ? step->k
            : is_met(BPF_OP(step->code), machine.a, operand) ? step->jt
                                                             : step->jf;
      break;
    case BPF_MISC:
      if (BPF_MISCOP(step->code) == BPF_TAX) machine.x = machine.a;
      if (BPF_MISCOP(step->code) == BPF_TXA) machine.a = machine.x;
      break;
    default: /* BPF_RET: of a constant, or what was found */
      return BPF_RVAL(step->code) == BPF_A ? machine.a : step->k;
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}
