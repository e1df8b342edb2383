/*
 * stage.c: see stage.h. A seed is kept as its pages that are not holes; what was changed is put back page by page.
 */
#include "common/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ration/segment.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/scratch_file.h"
#include "reader/layout.h"
#include "reader/procfs.h"

#define SEEDS_MOST   16
#define PAGE_BYTES   4096u
#define FIRST_ROWS   64
#define FILL_WORDS   64
#define CHANGES_MOST 64

struct seed {
  char path[PATH_MAX]; /* of the file on the stage */
  int fd;
  uint64_t bytes;
  struct layout layout;
  uint8_t *data;   /* the pages that are no holes, one behind the other */
  uint32_t *place; /* of each page of the file in `data`, from 1; 0: a hole */
};

static struct seed seeds[SEEDS_MOST];
static size_t seed_count;

/* What is on the stage. */
static struct seed *at;
static const uint8_t *changes;
static size_t change_count, next_change;
static uint32_t reads;
static uint64_t touched[CHANGES_MOST * 2];
static size_t touched_count;
static int is_cut;

static void load_seeds(void);
static void load_seed(const char *path);
static void take_pages(struct seed *seed, int from);
static void hide_modules(struct seed *seed);
static void apply(const struct change *change);
static void write_at(uint64_t offset, const void *bytes, size_t count);
static void put_back(uint64_t page);
static void put_page(const struct seed *seed, uint64_t page);
static uint8_t *byte_at(struct seed *seed, uint64_t offset);
static uint64_t place_of(const struct change *change, uint32_t row);
static void make_self(void);

const char *stage_open(uint8_t seed, const uint8_t *bytes, size_t count, int is_live) {
  if (seed_count == 0) load_seeds();
  at = &seeds[seed % seed_count];
  changes = bytes;
  change_count = count / sizeof(struct change) < CHANGES_MOST ? count / sizeof(struct change) : CHANGES_MOST;
  next_change = 0;
  reads = is_live ? 0 : UINT32_MAX - 1;
  touched_count = 0;
  is_cut = 0;
  stage_read();
  return at->path;
}

void stage_read(void) {
  if (!at) return;
  reads++;
  while (next_change < change_count) {
    struct change change;
    memcpy(&change, changes + next_change * sizeof change, sizeof change);
    if (change.when >= reads && reads != UINT32_MAX) return;
    next_change++;
    apply(&change);
  }
}

void stage_close(void) {
  if (is_cut) {
    if (ftruncate(at->fd, 0) != 0 || ftruncate(at->fd, (off_t)at->bytes) != 0) abort();
    for (uint64_t page = 0; page < at->bytes / PAGE_BYTES; page++)
      if (at->place[page]) put_back(page);
  }
  for (size_t i = 0; i < touched_count; i++) put_back(touched[i]);
  at = NULL;
}

static void apply(const struct change *change) {
  size_t width = (size_t)1 << (change->how & 3);
  uint64_t offset = place_of(change, change->row),
           given = (uint64_t)change->value[1] << 32 | change->value[0], value = 0;
  enum change_kind kind = change->how >> 2 & 7;
  offset &= ~(uint64_t)(width - 1);
  if (pread(at->fd, &value, width, (off_t)offset) < 0) abort();
  if (kind == CHANGE_SET) value = given;
  if (kind == CHANGE_ADD) value += given;
  if (kind == CHANGE_FLIP) value ^= given;
  if (kind == CHANGE_COPY &&
      pread(at->fd, &value, width, (off_t)(place_of(change, change->value[0]) & ~(uint64_t)(width - 1))) < 0)
    abort();
  if (kind == CHANGE_CUT || kind == CHANGE_GROW) {
    uint64_t size = kind == CHANGE_GROW ? at->bytes : given % (at->bytes + 1);
    if (ftruncate(at->fd, (off_t)size) != 0) abort();
    is_cut = 1;
  } else if (kind == CHANGE_SELF) {
    make_self();
  } else if (kind == CHANGE_FILL) {
    uint64_t words[FILL_WORDS];
    for (size_t i = 0; i < FILL_WORDS; i++) words[i] = given;
    write_at(offset, words, sizeof words);
  } else {
    write_at(offset, &value, width);
  }
}

/* Never behind the end of the file as it was: a file that only grows would be none that a seed can be put back into. */
static void write_at(uint64_t offset, const void *bytes, size_t count) {
  if (offset >= at->bytes) return;
  if (count > at->bytes - offset) count = at->bytes - offset;
  for (uint64_t page = offset / PAGE_BYTES; page <= (offset + count - 1) / PAGE_BYTES; page++) {
    if (touched_count == sizeof touched / sizeof *touched) return;
    touched[touched_count++] = page;
  }
  if (pwrite(at->fd, bytes, count, (off_t)offset) < 0) abort();
}

static void put_back(uint64_t page) {
  if (at->place[page])
    put_page(at, page);
  else if (fallocate(at->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(page * PAGE_BYTES),
                     PAGE_BYTES) != 0)
    abort();
}

static void put_page(const struct seed *seed, uint64_t page) {
  const uint8_t *data = seed->data + (uint64_t)(seed->place[page] - 1) * PAGE_BYTES;
  if (pwrite(seed->fd, data, PAGE_BYTES, (off_t)(page * PAGE_BYTES)) != PAGE_BYTES) abort();
}

static uint64_t place_of(const struct change *change, uint32_t row) {
  const struct layout_table *table = change->table < LAYOUT_KINDS && at->layout.tables[change->table].rows
                                         ? &at->layout.tables[change->table]
                                         : NULL;
  if (!table) return change->field % (row >> 31 ? at->bytes : at->layout.header.header_bytes);
  uint64_t rows = table->rows < FIRST_ROWS || row >> 31 ? table->rows : FIRST_ROWS;
  return table->offset + (row & INT32_MAX) % rows * table->stride + change->field % table->stride;
}

/* Who reads it is who it is of: a process that lives, and whose memory can be read. */
static void make_self(void) {
  struct proc_stat stat;
  uint64_t namespace;
  struct ration_segment_header header;
  if (procfs_stat((uint32_t)getpid(), &stat) != 0 || procfs_own_pid_namespace(&namespace) != 0) return;
  if (pread(at->fd, &header, sizeof header, 0) != sizeof header) return;
  header.pid = (uint32_t)getpid();
  header.start_ticks = stat.start_ticks;
  header.pid_namespace = namespace;
  header.state = RATION_STATE_RUNNING;
  write_at(0, &header, sizeof header);
}

static void load_seeds(void) {
  const char *folder = getenv("RATION_FUZZ_SEEDS");
  struct dirent **entries;
  int count = folder ? scandir(folder, &entries, NULL, alphasort) : -1;
  for (int i = 0; i < count; i++) {
    char path[PATH_MAX];
    const char *end = strrchr(entries[i]->d_name, '.');
    snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (end && strcmp(end, ".segment") == 0 && seed_count < SEEDS_MOST) load_seed(path);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  if (seed_count > 0) return;
  fprintf(stderr, "no seeds in RATION_FUZZ_SEEDS; tests/fuzz/seeds makes them\n");
  exit(1);
}

static void load_seed(const char *path) {
  struct seed *seed = &seeds[seed_count];
  struct segment_file file;
  struct fault fault;
  char name[32];
  if (segment_file_open(path, false, &file, &fault) != 0 || layout_read(&file, &seed->layout, &fault) != 0)
    abort();
  snprintf(name, sizeof name, "%zu", seed_count);
  scratch_file_name(name, seed->path);
  seed->bytes = file.bytes;
  seed->fd = open(seed->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (seed->fd < 0 || ftruncate(seed->fd, (off_t)seed->bytes) != 0) abort();
  take_pages(seed, file.fd);
  segment_file_close(&file);
  hide_modules(seed);
  seed_count++;
}

/* Programs' debug information takes most of the time, and is none of the segment's: nothing is found of a path like these. */
static void hide_modules(struct seed *seed) {
  const struct layout_table *table = &seed->layout.tables[RATION_TABLE_MODULES];
  for (uint64_t row = 0; row < table->rows; row++) {
    uint64_t start = table->offset + row * table->stride;
    uint8_t *path = byte_at(seed, start + offsetof(struct ration_segment_module, path));
    uint8_t *build_id = byte_at(seed, start + offsetof(struct ration_segment_module, build_id));
    if (!path || *path != '/') continue;
    *path = '-';
    if (build_id) *build_id ^= 0xff;
  }
  for (uint64_t page = 0; page < seed->bytes / PAGE_BYTES; page++)
    if (seed->place[page]) put_page(seed, page);
}

/* NULL: in a hole. */
static uint8_t *byte_at(struct seed *seed, uint64_t offset) {
  uint32_t place = seed->place[offset / PAGE_BYTES];
  return place ? seed->data + (uint64_t)(place - 1) * PAGE_BYTES + offset % PAGE_BYTES : NULL;
}

static void take_pages(struct seed *seed, int from) {
  size_t count = 0, room = 0;
  static const uint8_t zeros[PAGE_BYTES];
  seed->place = calloc(seed->bytes / PAGE_BYTES + 1, sizeof *seed->place);
  for (off_t next = lseek(from, 0, SEEK_DATA); next >= 0; next = lseek(from, next, SEEK_DATA)) {
    if (count == room) seed->data = reallocarray(seed->data, room = room ? 2 * room : 64, PAGE_BYTES);
    if (!seed->data || pread(from, seed->data + count * PAGE_BYTES, PAGE_BYTES, next) != PAGE_BYTES) abort();
    if (memcmp(seed->data + count * PAGE_BYTES, zeros, PAGE_BYTES) != 0) {
      seed->place[next / PAGE_BYTES] = (uint32_t)++count;
      if (pwrite(seed->fd, seed->data + (count - 1) * PAGE_BYTES, PAGE_BYTES, next) != PAGE_BYTES) abort();
    }
    next += PAGE_BYTES;
  }
}
