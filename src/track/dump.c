/*
 * dump.c: see dump.h.
 */
#include "track/dump.h"

#include <errno.h>

#include "base/say.h"
#include "base/test_point.h"
#include "base/text.h"
#include "model/category.h"
#include "os/futex.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/shared_file.h"
#include "track/budgets.h"
#include "track/segment_home.h"

#define DUMPS_MOST 100

static uint32_t dumps;
static uint64_t last_used[RATION_CATEGORY_IDS]; /* at the last copy for peak and growth */

static int write_copy(char *ret_path, size_t room);

/* ---- when ----------------------------------------------------------------------------------------------- */

void dump_once(void) {
  char path[512];
  write_copy(path, sizeof path);
}

void dump_at_breach(uint32_t category) {
  if (budgets_dump(category).at_breach) dump_once();
}

/* Another thread may have made the copy for this moment: who moves the mark makes it. */
static int is_reached(uint64_t *mark, uint64_t used, uint64_t step) {
  uint64_t last = load_relaxed(mark); /* compared again by the swap */
  return step && used >= last + step && cas_relaxed(mark, &last, used);
}

/* A growth is counted from the last copy or the lowest since, a peak from the highest. */
void dump_at_growth(uint32_t category) {
  struct dump_when when = budgets_dump(category);
  if (!when.peak_bytes && !when.grow_bytes) return;
  uint64_t used = budget_used(&segment, category);
  uint64_t last = load_relaxed(&last_used[category]); /* compared again by the swap */
  if (!when.peak_bytes && used < last) cas_relaxed(&last_used[category], &last, used);
  if (is_reached(&last_used[category], used, when.peak_bytes ? when.peak_bytes : when.grow_bytes))
    dump_once();
}

/* ---- copying -------------------------------------------------------------------------------------------- */

/* One stretch that is present here, to the same place there. Words, since others write meanwhile. */
static int copy_stretch(unsigned char *to, const void *from, size_t bytes) {
  size_t offset = (size_t)((const unsigned char *)from - (const unsigned char *)segment.header);
  size_t page = memory_page_bytes(), start = offset / page * page;
  int result = memory_make_present(to + start, (offset + bytes + page - 1) / page * page - start);
  if (result < 0 && result != -EINVAL) return result;
  const uint64_t *source = from;
  uint64_t *target = (uint64_t *)(void *)(to + offset);
  for (size_t i = 0; i < bytes / sizeof *source; i++)
    target[i] = load_relaxed(&source[i]); /* as any reader */
  return 0;
}

/* Holes stay holes. Slabs first, as every reader copies them before the charges; what says that all is there, last. */
static int copy_tables(unsigned char *to) {
  uint32_t slabs = load_relaxed(&segment.header->slab_count);
  int result = copy_stretch(to, segment.slabs, slabs * sizeof *segment.slabs);
  TEST_POINT("dump:slabs");
  size_t end = (size_t)((unsigned char *)segment.slabs - (unsigned char *)segment.header) / SEGMENT_PAGE;
  for (size_t page = 1; page < end && result == 0; page++)
    if (load_relaxed(&segment.pages[page / 64]) >> page % 64 & 1)
      result = copy_stretch(to, (const char *)segment.header + page * SEGMENT_PAGE, SEGMENT_PAGE);
  TEST_POINT("dump:tables");
  if (result == 0) result = copy_stretch(to, segment.header, SEGMENT_PAGE);
  TEST_POINT("dump:headed");
  struct ration_segment_process *process =
      (void *)(to + ((unsigned char *)segment.process - (unsigned char *)segment.header));
  if (result == 0) process->copied_at = process_monotonic_ns();
  return result;
}

/* The folder of the segment's own file, and the name of the copy. */
static int name_copy(uint32_t number, char *folder, size_t folder_room, char *name, size_t name_room) {
  const char *path = segment_home_path(), *file = text_file_name(path);
  if (file == path) return -ENOENT;
  struct text text = text_in(folder, folder_room);
  text_add_bytes(&text, path, (size_t)(file - path - 1));
  struct text own = text_in(name, name_room);
  text_add(&own, file);
  text_add(&own, ".dump.");
  text_add_decimal(&own, number);
  return text.is_cut || own.is_cut ? -ENAMETOOLONG : 0;
}

int dump_write(const char *folder, const char *name, char *ret_path, size_t room) {
  struct shared_file file;
  size_t bytes = (size_t)segment.header->segment_bytes;
  if (bytes > memory_file_limit()) return -EFBIG; /* SIGXFSZ would kill */
  int result = shared_file_create(folder, name, bytes, SEGMENT_PAGE, &file);
  if (result < 0) return result;
  result = copy_tables(file.memory);
  memory_unmap(file.memory, bytes);
  struct text text = text_in(ret_path, room);
  text_add(&text, file.path);
  if (text.is_cut) result = -ENAMETOOLONG;
  if (result < 0) shared_file_remove(file.path);
  return result;
}

static int write_copy(char *ret_path, size_t room) {
  char folder[512], name[128];
  ret_path[0] = '\0';
  uint32_t number = add_relaxed(&dumps, 1) + 1; /* a number of one's own */
  if (number > DUMPS_MOST) return -ENOSPC;
  int result = name_copy(number, folder, sizeof folder, name, sizeof name);
  if (result == 0) result = dump_write(folder, name, ret_path, room);
  if (result < 0) ret_path[0] = '\0';
  return result;
}

/* ---- the end -------------------------------------------------------------------------------------------- */

/*
 * One thread writes the copy and the line; the others wait for the end. Where it does not come within a second, since a
 * handler of SIGABRT waits for them, or has left by longjmp, they are refused. A forked child ends by itself.
 */
static int is_first_to_end(void) {
  static uint64_t ending; /* process << 32 | thread */
  static const uint32_t never;
  uint64_t own = (uint64_t)identity.pid << 32 | process_thread_id(), holder = load_relaxed(&ending);
  while (holder >> 32 != identity.pid)
    if (cas_relaxed(&ending, &holder, own)) return 1; /* one word, that decides: nothing to order */
  if (holder != own) futex_wait(&never, 0, 1000);
  return 0;
}

void dump_and_abort(struct demand demand, uint32_t budget) {
  char path[512], words[512];
  if (!is_first_to_end()) return;
  int result = write_copy(path, sizeof path);
  struct text text = text_in(words, sizeof words);
  text_add(&text, segment_category_name(&segment, budget));
  text_add(&text, ": ");
  text_add_decimal(&text, demand.requested);
  text_add(&text, " bytes more do not fit its budget of ");
  text_add_decimal(&text, load_relaxed(&segment.budgets[budget].limit_bytes));
  text_add(&text, " (policy=abort); ");
  text_add(&text, result == 0 ? "see: ration report " : "no copy of the books could be written");
  text_add(&text, path);
  say(words);
  process_abort();
}
