/*
 * scratch.c: the shell, a compiler, nm and readelf.
 */
#include "symbols/scratch.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_line(const struct scratch *scratch, const char *command, char *ret_line, int size);

void scratch_make(struct scratch *scratch) {
  strcpy(scratch->folder, "/tmp/ration-symbols-XXXXXX");
  cr_assert_not_null(mkdtemp(scratch->folder));
  unsetenv("DEBUGINFOD_URLS");
}

void scratch_remove(struct scratch *scratch) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", scratch->folder);
  cr_assert_eq(system(command), 0);
}

void scratch_write(const struct scratch *scratch, const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fputs(text, file);
  cr_assert_eq(fclose(file), 0);
}

void scratch_run(const struct scratch *scratch, const char *format, ...) {
  char command[2048];
  int length = snprintf(command, sizeof command, "cd %s && ", scratch->folder);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(command + length, sizeof command - (size_t)length, format, arguments);
  va_end(arguments);
  cr_assert_eq(system(command), 0, "%s", command);
}

void scratch_make_chain(const struct scratch *scratch, const char *name, const char *compiler) {
  scratch_write(scratch, "chain.c",
                "static inline __attribute__((always_inline)) int innermost(int x) {\n"
                "  __asm__ volatile(\"mark: nop\" ::: \"memory\");\n"
                "  return x * 3;\n"
                "}\n"
                "static inline __attribute__((always_inline)) int middle(int x) {\n"
                "  return innermost(x) + 1;\n"
                "}\n"
                "__attribute__((noinline)) int outer(int x) {\n"
                "  return middle(x) + 2;\n"
                "}\n"
                "int main(int argc, char **argv) {\n"
                "  return argv ? outer(argc) : 0;\n"
                "}\n");
  scratch_run(scratch, "%s -Wl,--build-id=sha1 chain.c -o %s", compiler, name);
}

uint64_t scratch_address(const struct scratch *scratch, const char *name, const char *symbol) {
  char command[256], line[256];
  uint64_t address;
  snprintf(command, sizeof command, "nm %s | grep ' %s$'", name, symbol);
  read_line(scratch, command, line, sizeof line);
  cr_assert_eq(sscanf(line, "%" SCNx64, &address), 1, "%s: %s", command, line);
  return address;
}

void scratch_build_id(const struct scratch *scratch, const char *name, char ret_digits[41],
                      unsigned char ret_bytes[20]) {
  char command[256], line[256];
  snprintf(command, sizeof command, "readelf -n %s | sed -n 's/.*Build ID: //p'", name);
  read_line(scratch, command, line, sizeof line);
  cr_assert_eq(strlen(line), 40, "%s: %s", command, line);
  strcpy(ret_digits, line);
  for (size_t i = 0; i < 20; i++) sscanf(line + 2 * i, "%2hhx", &ret_bytes[i]);
}

const char *scratch_chain(struct scratch *scratch, struct symbols *symbols, const char *name,
                          const unsigned char *build_id, uint64_t address) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
  struct symbol_module module = {.path = path, .build_id = build_id, .build_id_bytes = build_id ? 20 : 0};
  struct symbol_chain chain;
  cr_assert_eq(symbols_find(symbols, &module, address + 1, &chain), 0);
  FILE *to = fmemopen(scratch->text, sizeof scratch->text, "w");
  for (size_t i = 0; i < chain.count; i++) {
    const struct symbol_frame *frame = &chain.frames[i];
    const char *file = frame->file ? strrchr(frame->file, '/') : NULL;
    cr_expect_eq(frame->is_inlined, i + 1 < chain.count);
    fprintf(to, "%s%s ", i ? " < " : "", frame->function ? frame->function : "?");
    fprintf(to, frame->file ? "%s:%" PRIu32 : "?", file ? file + 1 : frame->file, frame->line);
  }
  fputc(0, to);
  fclose(to);
  return scratch->text;
}

const char *scratch_chain_once(struct scratch *scratch, const char *name, uint64_t address) {
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  const char *text = scratch_chain(scratch, symbols, name, NULL, address);
  symbols_close(symbols);
  return text;
}

static void read_line(const struct scratch *scratch, const char *command, char *ret_line, int size) {
  char whole[512];
  snprintf(whole, sizeof whole, "cd %s && %s", scratch->folder, command);
  FILE *from = popen(whole, "r");
  cr_assert_not_null(from);
  if (!fgets(ret_line, size, from)) ret_line[0] = 0;
  pclose(from);
  ret_line[strcspn(ret_line, "\n")] = 0;
}
