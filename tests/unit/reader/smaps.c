/*
 * Tests of reader/smaps.c and module_end.c: the kernel's text, whole and broken, and this process's own.
 */
#include "reader/smaps.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/module_end.h"

static struct smaps smaps;

static int parse(const char *text) {
  char *copy = strdup(text);
  FILE *from = fmemopen(copy, strlen(copy), "r");
  cr_assert_not_null(from);
  int error = smaps_parse(from, &smaps);
  fclose(from);
  free(copy);
  return error;
}

static const char sample[] =
    "1000-2000 r--p 00000000 fe:00 7    /usr/bin/program\n"
    "Size:                  4 kB\nRss:                   4 kB\nPss:                   4 kB\n"
    "2000-3000 rw-p 00001000 fe:00 7    /usr/bin/program\nRss: 8 kB\n"
    "3000-5000 rw-p 00000000 00:00 0 \nRss: 12 kB\n"
    "5000-6000 r--p 00000000 00:00 0 \nRss: 4 kB\n"
    "7000-9000 rw-p 00000000 00:00 0    [heap]\nRss: 0 kB\nVmFlags: rd wr mr mw me ac \n"
    "10000-11000 r-xp 00000000 fe:00 9  /opt/with space/libration.so.0 (deleted)\nRss: 4 kB\n"
    "11000-12000 rw-p 00000000 00:00 0 \nRss: 4 kB\n"
    "13000-14000 rw-s 00000000 00:17 5  /dev/shm/ration.4026531836.4711.100.0\nRss: 4 kB\n"
    "15000-16000 rw-s 00000000 00:01 6  /dev/zero (deleted)\nRss: 4 kB\n"
    "17000-18000 rw-p 00000000 00:00 0  [anon:name]\nRss: 4 kB\n"
    "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0  [stack]\nRss: 16 kB\n"
    "7ffc00022000-7ffc00024000 r-xp 00000000 00:00 0  [vdso]\nRss: 4 kB\n";

Test(smaps, tells_mappings_apart) {
  static const struct {
    uint64_t start, resident, module;
    enum mapping_kind kind;
    bool is_after_shim;
  } expected[] = {{0x1000, 4096, 0, MAPPING_FILE, false},
                  {0x2000, 8192, 0, MAPPING_FILE, false},
                  {0x3000, 12288, 0x1000, MAPPING_ANONYMOUS, false},
                  {0x5000, 4096, 0x1000, MAPPING_ANONYMOUS, false},
                  {0x7000, 0, 0, MAPPING_HEAP, false},
                  {0x10000, 4096, 0, MAPPING_SHIM, false},
                  {0x11000, 4096, 0x10000, MAPPING_ANONYMOUS, true},
                  {0x13000, 4096, 0, MAPPING_SHIM, false},
                  {0x15000, 4096, 0, MAPPING_ANONYMOUS, false},
                  {0x17000, 4096, 0, MAPPING_ANONYMOUS, false},
                  {0x7ffc00000000, 16384, 0, MAPPING_STACK, false},
                  {0x7ffc00022000, 4096, 0, MAPPING_FILE, false}};
  cr_assert_eq(parse(sample), 0);
  cr_assert_eq(smaps.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < smaps.count; i++) {
    const struct mapping *mapping = &smaps.mappings[i];
    cr_assert_eq(mapping->start, expected[i].start, "%zu", i);
    cr_assert_eq(mapping->resident_bytes, expected[i].resident, "%zu", i);
    cr_assert_eq(mapping->kind, expected[i].kind, "%zu", i);
    cr_assert_eq(mapping->module, expected[i].module, "%zu", i);
    cr_assert_eq(mapping->is_after_shim, expected[i].is_after_shim, "%zu", i);
  }
  smaps_free(&smaps);
}

Test(smaps, refuses_what_makes_no_sense) {
  cr_assert_eq(parse("Rss: 4 kB\n"), -EBADMSG);
  cr_assert_eq(parse("2000-1000 rw-p 00000000 00:00 0 \n"), -EBADMSG);
  cr_assert_eq(parse("1000-2000 rw-p 00000000 00:00 0 \nRss: 18446744073709551615 kB\n"), -EBADMSG);
  cr_assert_eq(parse("nothing\n"), -ESRCH);
}

Test(smaps, survives_every_flipped_byte) {
  char text[sizeof sample];
  for (size_t at = 0; at + 1 < sizeof sample; at++) {
    for (unsigned value = 1; value < 256; value += 5) {
      memcpy(text, sample, sizeof sample);
      text[at] = (char)value;
      if (parse(text) == 0) smaps_free(&smaps);
    }
  }
}

static const struct mapping *find(const void *address) {
  uint64_t at = (uint64_t)(uintptr_t)address;
  for (size_t i = 0; i < smaps.count; i++)
    if (smaps.mappings[i].start <= at && at < smaps.mappings[i].end) return &smaps.mappings[i];
  return NULL;
}

static char zeroed[1 << 20];

Test(smaps, knows_this_process) {
  int here = 0;
  memset(zeroed, 1, sizeof zeroed);
  cr_assert_eq(smaps_read((uint32_t)getpid(), &smaps), 0);
  cr_assert_eq(find(&here)->kind, MAPPING_STACK);
  cr_assert_eq(find(sample)->kind, MAPPING_FILE);
  const struct mapping *mapping = find(zeroed + sizeof zeroed / 2);
  cr_assert_gt(mapping->resident_bytes, 0);
  if (mapping->kind != MAPPING_HEAP) { /* which may follow without a gap */
    cr_assert_neq(mapping->module, 0);
    cr_assert_geq(module_end((uint32_t)getpid(), mapping->module), (uintptr_t)(zeroed + sizeof zeroed));
  }
  smaps_free(&smaps);
}

Test(smaps, says_when_there_is_no_process) {
  cr_assert_neq(smaps_read(INT32_MAX, &smaps), 0);
  cr_assert_eq(module_end(INT32_MAX, 0x1000), 0);
  cr_assert_eq(module_end((uint32_t)getpid(), (uint64_t)(uintptr_t)zeroed), 0, "no ELF header");
}
