/*
 * demangle.c: libiberty's demanglers, which hand over what they make bit by bit. They cannot be told to stop, and a
 * few hundred bytes can stand for gigabytes; so we leave them by longjmp. They keep everything on the stack.
 */
#include "symbols/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#define MANGLED_MOST   8192
#define DEMANGLED_MOST 32768

/*
 * Longer names of C++ libiberty refuses by its limit of depth, and templates often have such; without the limit, their
 * length limits the depth. In names of Rust parts may refer to themselves, so there the limit stays.
 */
#define OWN_LIMIT_MOST 1024

struct output {
  char bytes[DEMANGLED_MOST];
  size_t count;
  jmp_buf is_full;
};

static int write_plain(const char *name, size_t length, struct output *output);
static void take(const char *bytes, size_t count, void *to);

const char *demangle(const char *name, struct store *store) {
  bool may_be = name[0] == '_' && (name[1] == 'Z' || name[1] == 'R');
  size_t length = may_be ? strnlen(name, MANGLED_MOST + 1) : 0;
  if (length == 0 || length > MANGLED_MOST) return NULL;
  struct output output;
  output.count = 0;
  if (setjmp(output.is_full) || !write_plain(name, length, &output)) return NULL;
  return store_text(store, output.bytes, output.count);
}

/* Rust's old mangling is valid C++, so it comes first. 0: neither of them. */
static int write_plain(const char *name, size_t length, struct output *output) {
  int options = DMGL_PARAMS | DMGL_ANSI;
  if (rust_demangle_callback(name, options, take, output)) return 1;
  output->count = 0;
  if (length > OWN_LIMIT_MOST) options |= DMGL_NO_RECURSE_LIMIT;
  return cplus_demangle_v3_callback(name, options, take, output);
}

static void take(const char *bytes, size_t count, void *to) {
  struct output *output = to;
  if (count > sizeof output->bytes - output->count) longjmp(output->is_full, 1);
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}
