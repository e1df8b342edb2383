/*
 * Tests of where symbols are looked for: separate debug files by build-id and by link, below other folders, shared by
 * dwz, on a server; and of files that are not those that were loaded.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/scratch.h"
#include "symbols/symbol_modules.h"

static struct scratch scratch;
static uint64_t mark;
static char digits[41];
static unsigned char build_id[20];

/* `program` with its debug information, `stripped` without, `debug` the rest. */
static void set_up(void) {
  scratch_make(&scratch);
  scratch_make_chain(&scratch, "program", "gcc -g -O2");
  mark = scratch_address(&scratch, "program", "mark");
  scratch_build_id(&scratch, "program", digits, build_id);
  scratch_run(&scratch, "strip program -o stripped && objcopy --only-keep-debug program debug");
}

static void tear_down(void) {
  scratch_remove(&scratch);
}

#define Case(name) Test(symbols_files, name, .init = set_up, .fini = tear_down, .timeout = 120)

/* Installs `file` below a folder, where the build-id leads. */
static void install(const char *file, const char *folder) {
  scratch_run(&scratch, "mkdir -p %s/.build-id/%.2s && cp %s %s/.build-id/%.2s/%s.debug", folder, digits,
              file, folder, digits, digits + 2);
}

/* With what lies below the folder `below`, as the debug folder. */
static const char *chain_of(const char *name, const unsigned char *wanted, const char *below) {
  char folder[256];
  snprintf(folder, sizeof folder, "%s/%s", scratch.folder, below);
  struct symbol_places places = {.debug_dir = folder};
  struct symbols *symbols = symbols_open(&places);
  const char *text = scratch_chain(&scratch, symbols, name, wanted, mark);
  symbols_close(symbols);
  return text;
}

Case(are_found_by_build_id) {
  cr_expect_str_eq(chain_of("stripped", build_id, "debugs"), "");
  install("debug", "debugs");
  cr_expect_str_eq(chain_of("stripped", build_id, "debugs"), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("stripped", NULL, "debugs"), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("gone", build_id, "debugs"), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("gone", NULL, "debugs"), "");
}

Case(of_another_build_id_are_not_used) {
  scratch_make_chain(&scratch, "other", "gcc -g -O2 -DX -Wl,-z,noseparate-code");
  cr_expect_str_eq(chain_of("program", build_id, "debugs"), SCRATCH_CHAIN);
  cr_expect_str_eq(chain_of("other", NULL, "debugs"), scratch_chain_once(&scratch, "other", mark));
  cr_expect_str_eq(chain_of("other", build_id, "debugs"), "");
  install("other", "debugs");
  cr_expect_str_eq(chain_of("other", build_id, "debugs"), "");
  cr_expect_str_eq(chain_of("stripped", build_id, "debugs"), "");
  install("debug", "debugs");
  cr_expect_str_eq(chain_of("other", build_id, "debugs"), SCRATCH_CHAIN);
  scratch_run(&scratch, "objcopy --remove-section .note.gnu.build-id program bare");
  cr_expect_str_eq(chain_of("bare", build_id, "none"), "");
}

/* A module with two versions at one path, as a long-lived process has them. */
Case(are_told_apart_by_build_id) {
  char path[256];
  snprintf(path, sizeof path, "%s", scratch.folder);
  install("debug", "debugs");
  scratch_run(&scratch, "cp stripped library");
  unsigned char other[20] = {1, 2, 3};
  char folder[256];
  snprintf(folder, sizeof folder, "%s/debugs", scratch.folder);
  struct symbol_places places = {.debug_dir = folder};
  struct symbols *symbols = symbols_open(&places);
  cr_expect_str_eq(scratch_chain(&scratch, symbols, "library", other, mark), "");
  cr_expect_str_eq(scratch_chain(&scratch, symbols, "library", build_id, mark), SCRATCH_CHAIN);
  cr_expect_str_eq(scratch_chain(&scratch, symbols, "library", other, mark), "");
  symbols_close(symbols);
}

Case(are_found_by_link) {
  scratch_run(&scratch, "mkdir -p .debug && objcopy --add-gnu-debuglink=debug stripped linked");
  cr_expect_str_eq(chain_of("linked", build_id, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "mv debug .debug/debug");
  cr_expect_str_eq(chain_of("linked", build_id, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "mkdir -p folder%s && mv .debug/debug folder%s/debug", scratch.folder,
              scratch.folder);
  cr_expect_str_eq(chain_of("linked", build_id, "none"), "");
  cr_expect_str_eq(chain_of("linked", build_id, "folder"), SCRATCH_CHAIN);
}

/* Without a build-id, what the link leads to is known by its checksum. */
Case(are_known_by_checksum) {
  scratch_make_chain(&scratch, "program", "gcc -g -O2 -Wl,--build-id=none");
  scratch_run(&scratch, "gcc -g -O2 -Wl,--build-id=none chain.c -o program");
  mark = scratch_address(&scratch, "program", "mark");
  scratch_run(&scratch, "objcopy --only-keep-debug program debug && strip program -o linked && "
                        "objcopy --add-gnu-debuglink=debug linked");
  cr_expect_str_eq(chain_of("linked", NULL, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "printf x >>debug");
  cr_expect_str_eq(chain_of("linked", NULL, "none"), "");
}

Case(are_found_below_a_sysroot) {
  char root[256], path[512];
  snprintf(root, sizeof root, "%s/root", scratch.folder);
  struct symbol_places places = {.sysroot = root};
  struct symbol_module module = {.path = "/opt/program", .build_id = build_id, .build_id_bytes = 20};
  struct symbol_chain chain;

  scratch_run(&scratch, "mkdir -p root/opt && cp program root/opt/program");
  struct symbols *symbols = symbols_open(&places);
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  cr_expect_eq(chain.count, 3);
  symbols_close(symbols);

  scratch_run(&scratch, "cp stripped root/opt/program");
  install("debug", "root/usr/lib/debug");
  symbols = symbols_open(&places);
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  cr_expect_eq(chain.count, 3);
  symbols_close(symbols);

  scratch_run(&scratch, "rm -r root/usr && objcopy --add-gnu-debuglink=debug stripped root/opt/program && "
                        "mkdir -p root/usr/lib/debug/opt && cp debug root/usr/lib/debug/opt/debug");
  symbols = symbols_open(&places);
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  cr_expect_eq(chain.count, 3);
  symbols_close(symbols);

  snprintf(path, sizeof path, "%s/opt/program", root);
  places.sysroot = NULL;
  module.path = path;
  symbols = symbols_open(&places);
  cr_assert_eq(symbols_find(symbols, &module, mark + 1, &chain), 0);
  cr_expect_eq(chain.count, 0);
  symbols_close(symbols);
}

/* dwz moves what two files share to a third, by a link with a path, or by its build-id. */
Case(may_share_a_file) {
  scratch_run(&scratch, "gcc -g -O2 -gdwarf-4 chain.c -o program && cp program one && gcc -g -O2 -gdwarf-4 "
                        "-DSECOND chain.c -o two && dwz -m shared one two");
  mark = scratch_address(&scratch, "one", "mark");
  cr_expect_str_eq(chain_of("one", NULL, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "readelf --debug-dump=links one | grep -q shared && mv shared elsewhere");
  cr_expect_str_eq(chain_of("one", NULL, "none"), "outer ?");
  scratch_build_id(&scratch, "elsewhere", digits, build_id);
  install("elsewhere", "debugs");
  cr_expect_str_eq(chain_of("one", NULL, "debugs"), SCRATCH_CHAIN);
  scratch_run(&scratch, "mkfifo shared");
  cr_expect_str_eq(chain_of("one", NULL, "none"), "outer ?");
}

/* Of split debug information only the lines are in the program itself. */
Case(may_be_split) {
  scratch_make_chain(&scratch, "program", "gcc -g -O2 -gsplit-dwarf");
  mark = scratch_address(&scratch, "program", "mark");
  cr_expect_str_eq(chain_of("program", NULL, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "mv *.dwo kept");
  cr_expect_str_eq(chain_of("program", NULL, "none"), "outer chain.c:2");
  scratch_run(
      &scratch,
      "for name in $(readelf --debug-dump=info program 2>/dev/null | sed -n 's/.*dwo_name.*: //p'); do "
      "mkfifo $name; done");
  cr_expect_str_eq(chain_of("program", NULL, "none"), "outer chain.c:2");
}

/* More modules than descriptors. */
Case(are_closed_when_they_are_read) {
  install("debug", "debugs");
  struct rlimit limit = {.rlim_cur = 40, .rlim_max = 40};
  char folder[256], name[32];
  snprintf(folder, sizeof folder, "%s/debugs", scratch.folder);
  scratch_run(&scratch, "for i in $(seq 100); do ln stripped library$i; done");
  cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  struct symbol_places places = {.debug_dir = folder};
  struct symbols *symbols = symbols_open(&places);
  for (int i = 1; i <= 100; i++) {
    snprintf(name, sizeof name, "library%d", i);
    cr_assert_str_eq(scratch_chain(&scratch, symbols, name, build_id, mark), SCRATCH_CHAIN);
  }
  symbols_close(symbols);
}

Case(must_be_regular) {
  scratch_run(&scratch,
              "mkfifo fifo && ln -s /dev/zero zero && mkdir folder && : >empty && ln -s program link");
  cr_expect_str_eq(chain_of("fifo", NULL, "none"), "");
  cr_expect_str_eq(chain_of("zero", NULL, "none"), "");
  cr_expect_str_eq(chain_of("folder", NULL, "none"), "");
  cr_expect_str_eq(chain_of("empty", NULL, "none"), "");
  cr_expect_str_eq(chain_of("chain.c", NULL, "none"), "");
  cr_expect_str_eq(chain_of("link", build_id, "none"), SCRATCH_CHAIN);
  scratch_run(&scratch, "gcc -c -g chain.c -o chain.o && ar rc lib.a chain.o");
  cr_expect_str_eq(chain_of("chain.o", NULL, "none"), "");
  cr_expect_str_eq(chain_of("lib.a", NULL, "none"), "");
}

/* Of a second process that runs the same the file need not be there any more. What one is told, the other is not. */
Case(are_read_once_by_those_who_share) {
  struct symbol_places places = {.shared = symbol_modules_new()};
  uint64_t other = scratch_address(&scratch, "program", "main");
  struct symbols *one = symbols_open(&places), *two = symbols_open(&places);
  cr_assert_not_null(one);
  cr_assert_not_null(two);
  cr_expect_str_eq(scratch_chain(&scratch, one, "program", build_id, mark), SCRATCH_CHAIN);
  char path[512];
  snprintf(path, sizeof path, "%s/program", scratch.folder);
  struct symbol_module module = {.path = path, .build_id = build_id, .build_id_bytes = 20};
  struct symbol_frame told = {.function = "told"};
  cr_assert_eq(symbols_tell(one, &module, mark + 1, &(struct symbol_chain){&told, 1}), 0);
  cr_expect_str_eq(scratch_chain(&scratch, one, "program", build_id, mark), "told ?");
  symbols_close(one);
  scratch_run(&scratch, "rm program");
  cr_expect_str_eq(scratch_chain(&scratch, two, "program", build_id, mark), SCRATCH_CHAIN);
  cr_expect(strstr(scratch_chain(&scratch, two, "program", build_id, other), "main"), "%s", scratch.text);
  symbols_close(two);
  cr_expect_str_eq(scratch_chain_once(&scratch, "program", mark), "");
  symbol_modules_free(places.shared);
}
