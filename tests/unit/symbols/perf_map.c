/*
 * Tests of symbols/perf_map.c: what is taken of a map, and which files are none.
 */
#include "symbols/perf_map.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "symbols/symbols.h"

static char folder[64], path[128];
static struct perf_map map;

static void set_up(void) {
  strcpy(folder, "/tmp/ration-perf-XXXXXX");
  cr_assert_not_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/tmp", folder);
  mkdir(path, 0777);
  snprintf(path, sizeof path, "%s/tmp/perf-77.map", folder);
}

static void tear_down(void) {
  perf_map_free(&map);
  unlink(path);
  *strrchr(path, '/') = 0;
  rmdir(path);
  rmdir(folder);
}

static void write_bytes(const char *bytes, size_t count) {
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fwrite(bytes, 1, count, file);
  fclose(file);
}

static void write_map(const char *text) {
  write_bytes(text, strlen(text));
  perf_map_free(&map);
  cr_assert_eq(perf_map_read(folder, 77, &map), 0);
}

Test(symbols_perf_map, has_names_by_address, .init = set_up, .fini = tear_down) {
  write_map("7f0000001000 20 jit::first(int) [tier 1]\n"
            "0x7f0000002000\t0x10  second\n"
            "7F0000002010 1 third \xff\x1b\n");
  cr_expect_str_eq(perf_map_find(&map, 0x7f0000001000), "jit::first(int) [tier 1]");
  cr_expect_str_eq(perf_map_find(&map, 0x7f000000101f), "jit::first(int) [tier 1]");
  cr_expect_null(perf_map_find(&map, 0x7f0000001020));
  cr_expect_null(perf_map_find(&map, 0x7f0000000fff));
  cr_expect_str_eq(perf_map_find(&map, 0x7f000000200f), "second");
  cr_expect_str_eq(perf_map_find(&map, 0x7f0000002010), "third \xff\x1b");
}

Test(symbols_perf_map, believes_the_later_line, .init = set_up, .fini = tear_down) {
  write_map("1000 100 old\n1040 10 inner\n1000 20 new\n");
  cr_expect_str_eq(perf_map_find(&map, 0x1000), "new");
  cr_expect_str_eq(perf_map_find(&map, 0x1020), "old");
  cr_expect_str_eq(perf_map_find(&map, 0x1040), "inner");
  write_map("1040 10 inner\n1000 100 all\n");
  cr_expect_str_eq(perf_map_find(&map, 0x1040), "all");
}

Test(symbols_perf_map, skips_bad_lines, .init = set_up, .fini = tear_down) {
  write_map("\n \nfoo\n1000\n1000 \n1000 10\n1000 10 \ng000 10 a\n1000 -1 a\n11112222333344445 10 a\n"
            "ffffffffffffff00 101 a\n1000 0 a\n10001000 10 a\n2000 10 good\n3000 10 cut");
  cr_expect_null(perf_map_find(&map, 0x1000));
  cr_expect_null(perf_map_find(&map, UINT64_MAX));
  cr_expect_str_eq(perf_map_find(&map, 0x10001000), "a");
  cr_expect_str_eq(perf_map_find(&map, 0x2000), "good");
  cr_expect_null(perf_map_find(&map, 0x3000));
  write_map("");
  cr_expect_null(perf_map_find(&map, 0));
}

Test(symbols_perf_map, must_be_a_file_of_ours, .init = set_up, .fini = tear_down, .timeout = 20) {
  cr_expect_eq(perf_map_read(folder, 77, &map), -ENOENT);
  cr_assert_eq(mkfifo(path, 0666), 0);
  cr_expect_eq(perf_map_read(folder, 77, &map), -EPERM);
  unlink(path);
  cr_assert_eq(symlink("/etc/passwd", path), 0);
  cr_expect_eq(perf_map_read(folder, 77, &map), -EPERM);
  unlink(path);
  cr_assert_eq(symlink("/dev/zero", path), 0);
  cr_expect_eq(perf_map_read(folder, 77, &map), -EPERM);
  unlink(path);
  write_map("1000 10 a\n");
  if (geteuid() == 0 && chown(path, 12345, 12345) == 0) {
    struct perf_map other;
    cr_expect_eq(perf_map_read(folder, 77, &other), -EPERM);
  }
}

Test(symbols_perf_map, is_read_in_part_if_it_is_huge, .init = set_up, .fini = tear_down, .timeout = 60) {
  write_map("1000 10 first\n");
  cr_assert_eq(truncate(path, (off_t)1 << 40), 0);
  perf_map_free(&map);
  cr_assert_eq(perf_map_read(folder, 77, &map), 0);
  cr_expect_str_eq(perf_map_find(&map, 0x1000), "first");
}

Test(symbols_perf_map, survives_anything, .init = set_up, .fini = tear_down) {
  struct random random = {.seed = 3};
  static const char bytes[] = "0123456789abcdefx  \n\n\t\0z\xff-";
  for (int round = 0; round < 300; round++) {
    char text[2000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = bytes[random_next(&random) % sizeof bytes];
    write_bytes(text, sizeof text);
    cr_assert_eq(perf_map_read(folder, 77, &map), 0);
    for (int i = 0; i < 100; i++) {
      const char *name = perf_map_find(&map, random_next(&random) % 0x10000);
      cr_expect(!name || strlen(name) < sizeof text);
    }
    perf_map_free(&map);
  }
}

/* Addresses here are those of the process, and one byte before a return address, too. */
Test(symbols_perf_map, is_asked_for_code_in_no_module, .init = set_up, .fini = tear_down) {
  write_map("1000 10 jitted\n");
  struct symbol_places places = {.sysroot = folder, .pid = 77};
  struct symbols *symbols = symbols_open(&places);
  struct symbol_chain chain;
  cr_assert_eq(symbols_find(symbols, NULL, 0x1010, &chain), 0);
  cr_assert_eq(chain.count, 1);
  cr_expect_str_eq(chain.frames[0].function, "jitted");
  cr_expect_null(chain.frames[0].file);
  cr_expect_not(chain.frames[0].is_inlined);
  cr_assert_eq(symbols_find(symbols, NULL, 0x1000, &chain), 0);
  cr_expect_eq(chain.count, 0);
  symbols_close(symbols);

  places.pid = 0;
  symbols = symbols_open(&places);
  cr_assert_eq(symbols_find(symbols, NULL, 0x1010, &chain), 0);
  cr_expect_eq(chain.count, 0);
  symbols_close(symbols);
}
