/*
 * Tests of files that are broken, or made to break their reader: each in a process of its own, which must end well and
 * in time.
 */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "symbols/scratch.h"

#define SECONDS 20 /* for one file, under a sanitizer on a busy machine */

static struct scratch scratch;
static unsigned char *bytes;
static size_t count;

static void set_up(void) {
  scratch_make(&scratch);
}

static void tear_down(void) {
  free(bytes);
  bytes = NULL;
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_broken, name, .init = set_up, .fini = tear_down, .timeout = 500)

static void read_program(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", scratch.folder, name);
  FILE *file = fopen(path, "r");
  cr_assert_not_null(file);
  fseek(file, 0, SEEK_END);
  count = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(count);
  cr_assert_eq(fread(bytes, 1, count, file), count);
  fclose(file);
}

static void write_broken(const unsigned char *from, size_t size) {
  char path[256];
  snprintf(path, sizeof path, "%s/broken", scratch.folder);
  FILE *file = fopen(path, "w");
  cr_assert_eq(fwrite(from, 1, size, file), size);
  fclose(file);
}

/* Asks for all of the code, and reads what is said of it. */
static size_t ask_for_all(void) {
  char path[256];
  snprintf(path, sizeof path, "%s/broken", scratch.folder);
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  struct symbol_module module = {.path = path};
  size_t letters = 0;
  for (uint64_t address = 0x1000; address < 0x3000; address += 3) {
    struct symbol_chain chain;
    if (symbols_find(symbols, &module, address, &chain) != 0) continue;
    for (size_t i = 0; i < chain.count; i++) {
      if (chain.frames[i].function) letters += strlen(chain.frames[i].function);
      if (chain.frames[i].file) letters += strlen(chain.frames[i].file);
    }
  }
  symbols_close(symbols);
  return letters;
}

static void expect_survival(const char *words, int round) {
  pid_t child = fork();
  if (child == 0) {
    alarm(SECONDS);
    _exit(ask_for_all() == SIZE_MAX);
  }
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s, round %d: status %x", words, round,
            (unsigned)status);
}

/* Where to break it: what is read of the file, that is not code. */
struct target {
  size_t at, size;
};

static size_t list_targets(struct target targets[64]) {
  const Elf64_Ehdr *header = (const void *)bytes;
  const Elf64_Shdr *sections = (const void *)(bytes + header->e_shoff);
  const char *names = (const char *)bytes + sections[header->e_shstrndx].sh_offset;
  size_t found = 0;
  targets[found++] = (struct target){0, sizeof *header + header->e_phnum * sizeof(Elf64_Phdr)};
  targets[found++] = (struct target){header->e_shoff, header->e_shnum * sizeof *sections};
  for (size_t i = 1; i < header->e_shnum && found < 64; i++) {
    bool is_read = strncmp(names + sections[i].sh_name, ".debug", 6) == 0 ||
                   sections[i].sh_type == SHT_SYMTAB || sections[i].sh_type == SHT_DYNSYM ||
                   sections[i].sh_type == SHT_NOTE;
    if (is_read && sections[i].sh_size > 0) {
      targets[found++] = (struct target){sections[i].sh_offset, sections[i].sh_size};
    }
  }
  return found;
}

static void change(struct random *random, unsigned char *broken, const struct target *targets, size_t found) {
  const struct target *target = &targets[random_below(random, found)];
  size_t at = target->at + random_below(random, target->size);
  switch (random_below(random, 5)) {
  case 0:
    broken[at] = (unsigned char)random_next(random);
    break;
  case 1:
    broken[at] ^= (unsigned char)(1 << random_below(random, 8));
    break;
  case 2:
    broken[at] = 0xff;
    break;
  case 3:
    broken[at] = 0;
    break;
  default:
    broken[at] = (unsigned char)(broken[at] + random_below(random, 9) - 4);
    break;
  }
}

static void mutate(const char *compiler, int rounds) {
  scratch_make_chain(&scratch, "program", compiler);
  read_program("program");
  struct target targets[64];
  size_t found = list_targets(targets);
  unsigned char *broken = malloc(count);
  for (int round = 0; round < rounds; round++) {
    struct random random = {.seed = (uint64_t)round};
    memcpy(broken, bytes, count);
    size_t changes = 1 + random_size(&random, 200), size = count;
    for (size_t i = 0; i < changes; i++) change(&random, broken, targets, found);
    if (round % 8 == 0) size = random_below(&random, count);
    write_broken(broken, size);
    expect_survival(compiler, round);
  }
  free(broken);
}

Case(by_chance_from_gcc) {
  mutate("gcc -g -O2", 300);
}

Case(by_chance_from_clang) {
  mutate("clang -g -O2 -gdwarf-4", 300);
}

Case(by_chance_and_compressed) {
  mutate("gcc -g -O2 -gz", 150);
}

/* It is cut while it is being read. */
Case(by_being_cut_meanwhile) {
  scratch_make_chain(&scratch, "broken", "gcc -g -O2");
  uint64_t mark = scratch_address(&scratch, "broken", "mark");
  char path[256];
  snprintf(path, sizeof path, "%s/broken", scratch.folder);
  struct symbol_places places = {0};
  struct symbols *symbols = symbols_open(&places);
  struct symbol_module module = {.path = path};
  struct symbol_chain chain;
  cr_assert_eq(symbols_find(symbols, &module, 0x1001, &chain), 0);
  cr_assert_eq(truncate(path, 100), 0);
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  symbols_close(symbols);
}

/* Each entry has the one behind it for a child, and says that it is its next sibling as well: 2^N ways through them. */
Case(by_entries_that_go_round) {
  scratch_run(&scratch,
              "python3 - >turns.s <<'END'\n"
              "print('''.text\\n.globl main\\nmain: .skip 0x1000, 0x90\\nend:\\n"
              ".section .debug_abbrev,\"\",@progbits\\n"
              ".uleb128 1, 0x11\\n.byte 1\\n.uleb128 0x11, 1, 0x12, 7, 0, 0\\n"
              ".uleb128 2, 0x0b\\n.byte 1\\n.uleb128 1, 0x13, 0, 0\\n.byte 0\\n"
              ".section .debug_info,\"\",@progbits\\n"
              "start: .long finish - behind\\nbehind: .short 4\\n.long 0\\n.byte 8\\n"
              ".uleb128 1\\n.quad main, end - main''')\n"
              "for i in range(100000): print(f'.uleb128 2\\n.long 1f - start\\n1:')\n"
              "print('finish:')\n"
              "END\n"
              "gcc turns.s -nostdlib -Wl,-emain -no-pie -Wl,-Ttext=0x1000 -Wl,-z,noexecstack -o broken");
  cr_expect_str_eq(scratch_chain_once(&scratch, "broken", 0x1800), "main ?");
  expect_survival("turns", 0);
}

/* A function says that it was declared inside itself: its name would be part of its name. */
Case(by_a_function_inside_itself) {
  scratch_write(
      &scratch, "inside.s",
      ".text\n.globl main\nmain: .skip 0x1000, 0x90\nend:\n"
      ".section .debug_abbrev,\"\",@progbits\n"
      ".uleb128 1, 0x11\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0, 0\n"             /* unit: low_pc, high_pc */
      ".uleb128 2, 0x2e\n.byte 1\n.uleb128 0x11, 1, 0x12, 7, 0x47, 0x13, 0, 0\n" /* .. specification */
      ".uleb128 3, 0x13\n.byte 1\n.uleb128 0, 0\n"                               /* class */
      ".uleb128 4, 0x2e\n.byte 0\n.uleb128 3, 8, 0x3c, 0x19, 0, 0\n"             /* name, declaration */
      ".uleb128 5, 0x1d\n.byte 0\n.uleb128 0x11, 1, 0x12, 7, 0x31, 0x13, 0, 0\n.byte 0\n" /* origin */
      ".section .debug_info,\"\",@progbits\n"
      "start: .long finish - behind\nbehind: .short 4\n.long 0\n.byte 8\n"
      ".uleb128 1\n.quad main, end - main\n"
      ".uleb128 2\n.quad main, end - main\n.long inner - start\n"
      ".uleb128 3\ninner: .uleb128 4\n.asciz \"operator()\"\n.byte 0\n"
      "own: .uleb128 5\n.quad main, 0x100\n.long own - start\n"
      ".byte 0\n.byte 0\nfinish:\n");
  scratch_run(&scratch,
              "gcc inside.s -nostdlib -Wl,-z,noexecstack -Wl,-emain -no-pie -Wl,-Ttext=0x1000 -o broken");
  expect_survival("inside", 0);
  const char *chain = scratch_chain_once(&scratch, "broken", 0x1800);
  size_t length = strlen(chain);
  cr_expect(length > 20 && strcmp(chain + length - strlen("::operator() ?"), "::operator() ?") == 0, "%s",
            chain);
  chain = scratch_chain_once(&scratch, "broken", 0x1001);
  cr_expect(strncmp(chain, "? ? < ", 6) == 0, "%s", chain);
}
