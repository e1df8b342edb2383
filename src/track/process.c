/*
 * process.c: from nothing to tracking, once for an image and once more for every forked child.
 *
 * One thread starts the process; the others are not made to wait: what they allocate meanwhile is passed on
 * and counted as untracked. Calls into libc and the loader run with thread.inside set, so that what those
 * allocate comes from the bootstrap pool.
 */
#include "track/process.h"

#include <errno.h>

#include "base/compiler.h"
#include "base/hash.h"
#include "base/say.h"
#include "base/test_point.h"
#include "base/text.h"
#include "heap/heap.h"
#include "model/category.h"
#include "model/rules.h"

#include "os/clock.h"
#include "os/fork.h"
#include "os/memory.h"
#include "os/next.h"
#include "os/stack.h"
#include "os/thread_end.h"
#include "os/unwind.h"
#include "track/budgets.h"
#include "track/caller.h"
#include "track/code.h"
#include "track/fork_books.h"
#include "track/handlers.h"
#include "track/happening.h"
#include "track/holdings.h"
#include "track/interposition.h"
#include "track/mapped.h"
#include "track/misuse.h"
#include "track/modules.h"
#include "track/ranges.h"
#include "track/report.h"
#include "track/sampling.h"
#include "track/segment_home.h"
#include "track/session.h"
#include "track/slab.h"
#include "track/stacks.h"
#include "track/sweep.h"
#include "track/worker.h"

#define SLABS_WHEN_SCARCE 65
#define SHARE_OF_LIMIT    8 /* where memory is limited, the shim takes at most an eighth */

__thread struct thread thread STATIC_TLS = {
    .record = &record_none, .scopes_top = &scope_none, .scopes_last = &scope_none};
struct record record_none; /* stays zero */

static struct process first_process; /* until there is a page that fork wipes */
struct process *process_page = &first_process;
static struct ration_segment_header no_header;
#define NO_SEGMENT ((struct segment){.header = &no_header})
struct segment segment = {.header = &no_header};
struct settings settings;
struct rules rules;

struct process_identity identity;
int process_needs_interposition = 1;

static unsigned char *records; /* record of slab n at n pages; page 0 is the process's own */
static uint32_t record_count;
static int has_begun; /* this image has been through begin_image: what follows is a forked child */
static uint64_t untracked_before_segment;
static uint32_t heap_refusal; /* why there is no page heap, though it was asked for: RATION_HEAP_* */

static void read_settings(void);
static enum process_state begin_image(void);
static enum process_state adopt_child(void);
static void learn_early(void);
static int prepare_memory(uint32_t *ret_slabs);
static void prepare_pages(void);
static enum process_state open_segment(uint32_t slabs, uint32_t passive, const struct segment *parents);
static int open_books(uint32_t slabs, const struct segment *parents);
static void move_untracked(void);
static void count_start(uint64_t started);

enum process_state process_ready(void) {
  enum process_state state = process_state_now();
  if (LIKELY(state != PROCESS_NEW)) return state;
  if (!has_begun && !process_has_environment()) return PROCESS_NEW;
  struct process *page = load_acquire(&process_page); /* pairs with prepare_memory */
  uint32_t expected = PROCESS_NEW;
  if (!cas_acq_rel(&page->state, &expected, PROCESS_STARTING)) /* pairs with process_ready */
    return (enum process_state)expected;
  uint64_t started = clock_thread_cpu_ns();
  thread_go_inside();
  int is_first = !has_begun;
  state = is_first ? begin_image() : adopt_child();
  if (is_first && state == PROCESS_TRACKING) learn_early();
  if (is_first) mapped_start(state == PROCESS_TRACKING && settings.mmap);
  thread_come_out(&record_none);      /* in a child, the record of old may go to another thread */
  store_release(&page->state, state); /* pairs with process_state_now */
  page = load_acquire(&process_page); /* pairs with prepare_memory: there may be another in its place */
  store_release(&page->state, state); /* pairs with process_state_now */
  move_untracked();
  count_start(started);
  return state;
}

/* Of the calling thread's CPU time. */
static void count_start(uint64_t started) {
  if (process_has_segment())
    add_relaxed(&segment.process->start_ns, clock_thread_cpu_ns() - started); /* a sum */
}

/* From a copy, since the program may write over its environment, and the settings point into it for ever. */
static void read_settings(void) {
  const char *options = process_variable("RATION_OPTIONS");
  size_t bytes = options ? text_length(options) + 1 : 0, page = memory_page_bytes();
  char *copy = bytes > 1 ? memory_map((bytes + page - 1) / page * page) : NULL;
  for (size_t i = 0; copy && i < bytes; i++) copy[i] = options[i];
  static struct budget_specs none;
  settings_read(copy, identity.program, &rules, copy ? budgets_of_settings() : &none, &settings);
  if (bytes > 1 && !copy) settings_ignore(&settings, "RATION_OPTIONS", "no memory to keep them in");
}

/* The books come last, and first: nothing may be counted between. */
static void before_fork(void) {
  unwind_fork_prepare();
  mapped_before_fork();
  fork_books_prepare();
  heap_before_fork();
}

static void after_fork(void) {
  heap_after_fork();
  if (process_state_now() == PROCESS_TRACKING) happening_note((struct event){.kind = RATION_EVENT_FORK});
  fork_books_parent();
  mapped_after_fork();
  unwind_fork_parent();
}

/* What the parent's other threads were at, and its handlers: a child has none of them. */
static void forget_activity(void) {
  budgets_forget_turn();
  handlers_forget();
  worker_forget();
}

static void after_fork_in_child(void) {
  heap_after_fork_in_child(thread.stock);
  fork_books_child();
  mapped_after_fork();
  forget_activity();
  unwind_fork_child();
}

static enum process_state begin_image(void) {
  has_begun = 1;
  if (!next_is_resolved() && next_resolve() < 0) return PROCESS_PASSIVE;
  if (process_is_privileged()) return PROCESS_PASSIVE; /* also where it links the shim: there is no segment */
  process_identify(&identity);
  clock_prepare();
  modules_prepare();
  read_settings();
  report_prepare();
  session_prepare();
  if (!settings.has_memory) settings.memory = session.pid != 0; /* `ration run` looks at it meanwhile */
  if (!settings_may_track(&settings)) return PROCESS_PASSIVE;
  if (settings.follow == FOLLOW_NONE && session_has_parent(&identity)) return PROCESS_PASSIVE;
  uint32_t slabs = 1;
  uint32_t passive = process_needs_interposition ? interposition_fault() : 0;
  if (!passive && prepare_memory(&slabs) < 0) passive = RATION_PASSIVE_NO_MEMORY;
  if (!passive && slabs == SEGMENT_SLABS_MOST) stacks_prepare();
  next_forget_error();
  if (passive) return open_segment(2, passive, NULL);
  stack_prepare();
  /* Where these fail, forked children recount their books, and ended threads keep their slabs. */
  fork_watch(before_fork, after_fork, after_fork_in_child);
  thread_end_prepare(slab_thread_ended);
  enum process_state state = open_segment(slabs, 0, NULL);
  segment_home_sweep(&identity);
  return state;
}

/*
 * Its parent's books, in a segment of its own. The heap, the tag map and the caches are copies already; of the
 * parent's segment nothing is written from here on. Blocks it has also where its parent had none.
 */
static enum process_state adopt_child(void) {
  heap_adopt_child(thread.stock);
  if (!segment.categories) return PROCESS_PASSIVE;
  static struct segment parents; /* large, for a stack; a child has one thread */
  parents = segment;
  enum process_state state = PROCESS_PASSIVE;
  segment = NO_SEGMENT;
  segment_home_move_out();
  if (settings.follow == FOLLOW_ALL) {
    process_identify_child(&identity);
    slab_forget_all();
    stacks_forget();
    sampling_forget();
    forget_activity();
    if (thread.state == THREAD_OWNER) thread.state = THREAD_FRESH;
    state = open_segment(segment_slabs(&parents), parents.header->passive, &parents);
    mapped_adopt_child();
    if (hash_word(identity.pid) % SWEEP_EACH == 0) segment_home_sweep(&identity);
  }
  segment_home_leave_parents(&parents);
  return state;
}

/* Where it cannot be had, blocks come from the system heap, which the report says. */
static void prepare_pages(void) {
  int result = heap_prepare_pages(settings.decay_ms, settings.harden);
  if (result == 0) misuse_notice = misuse_note;
  heap_refusal = result == 0 ? 0 : result == -EPERM ? RATION_HEAP_LIMITED : RATION_HEAP_NO_SPACE;
}

static int prepare_memory(uint32_t *ret_slabs) {
  uint64_t limit = memory_map_limit();
  int is_plentiful = limit == UINT64_MAX && memory_may_make_present();
  uint32_t slabs = is_plentiful ? SEGMENT_SLABS_MOST : SLABS_WHEN_SCARCE;
  uint64_t needed = heap_reservation() + segment_bytes(slabs) + slabs * (uint64_t)RECORD_BYTES;
  if (needed > limit / SHARE_OF_LIMIT) return -ENOMEM;
  records = memory_reserve(slabs * (size_t)RECORD_BYTES);
  if (!records) return -ENOMEM;
  record_count = slabs;
  /* On kernels that cannot, the fork handler does what it can: see process_wipe. */
  memory_wipe_on_fork(records, slabs * (size_t)RECORD_BYTES);
  struct process *page = (struct process *)(void *)process_record(0);
  if (process_open_record(0) < 0 || heap_prepare() < 0) return -ENOMEM;
  if (settings.heap == RATION_HEAP_PAGE) prepare_pages();
  store_relaxed(&page->state, PROCESS_STARTING);
  store_release(&process_page, page); /* pairs with process_state_now, process_ready */
  *ret_slabs = slabs;
  return 0;
}

static void note_way(void) {
  static const uint32_t ways[] = {[UNWIND_LIBUNWIND] = RATION_UNWIND_LIBUNWIND,
                                  [UNWIND_TABLES] = RATION_UNWIND_TABLES,
                                  [UNWIND_FP] = RATION_UNWIND_FP,
                                  [UNWIND_OFF] = RATION_UNWIND_OFF};
  segment.process->unwind = ways[unwind_way_now()];
}

static void say_where(uint32_t passive) {
  const char *path = segment_home_path();
  say(passive ? "passive: `ration report` says why"
      : *path ? path
              : "no folder takes a segment; `ration list` shows it if a memfd did");
}

/* Where the process comes from. Without /proc, what has the number before may be another process's. */
static void note_beginning(const struct segment *parents) {
  uint32_t image = segment.header->image;
  happening_begin_categories(category_count(&segment));
  if (parents)
    happening_note((struct event){.kind = RATION_EVENT_FORK, .detail = identity.parent});
  else if (image > 0 && identity.start_ticks)
    happening_note((struct event){.kind = RATION_EVENT_EXEC, .detail = image - 1});
}

static enum process_state give_up_segment(void) {
  segment = NO_SEGMENT;
  return PROCESS_PASSIVE;
}

static enum process_state open_segment(uint32_t slabs, uint32_t passive, const struct segment *parents) {
  if (segment_home_open(&identity, &settings, slabs, &segment) < 0) return give_up_segment();
  if (parents && !passive && open_books(slabs, parents) < 0) return give_up_segment();
  struct ration_segment_header *header = segment.header;
  header->passive = passive;
  if (!passive) {
    header->heap = heap_is_paged() ? RATION_HEAP_PAGE : RATION_HEAP_SYSTEM;
    header->heap_refusal = heap_refusal;
    header->tag_directory = (uint64_t)(uintptr_t)tag_map.leaves;
    header->tag_directory_entries = tag_map.granules >> TAG_LEAF_BITS;
    header->granule_shift = tag_map.shift;
    header->leaf_bits = TAG_LEAF_BITS;
    header->chunk_sizes = (uint32_t)next.has_chunk_sizes;
  }
  if (!passive) note_beginning(parents);
  if (!passive) header->categories_lost += rules_open(&rules, &segment);
  if (!passive && parents) rules_inherit(&segment, parents);
  if (!passive) budgets_open(&segment);
  segment.process->memory = (uint32_t)settings.memory;
  segment.process->unwind_asked = settings.unwind;
  if (!passive) sampling_follow();
  if (!passive) ranges_publish();
  if (!passive) happening_note_categories();
  if (!passive) holdings_open(&segment);
  note_way();
  header->scopes_lost = no_header.scopes_lost;
  EDGE(segment_is_valid(&segment));
  TEST_POINT("process:filled");
  segment_publish(&segment);
  TEST_POINT("process:published");
  if (settings.verbose) say_where(passive);
  return passive ? PROCESS_PASSIVE : PROCESS_TRACKING;
}

static enum unwind_way wanted_way(void) {
  return settings.unwind == RATION_UNWIND_FP    ? UNWIND_FP
         : settings.unwind == RATION_UNWIND_OFF ? UNWIND_OFF
                                                : UNWIND_LIBUNWIND;
}

/*
 * The constructors of the program's libraries come before the shim's own, and allocate by way of wrappers as well: what
 * it takes to look through these is there from the first block on, but for libunwind, which cannot be loaded yet.
 */
static void learn_early(void) {
  enum unwind_way way = wanted_way();
  if (process_needs_interposition) caller_set_shim(); /* else the caller's module is ours as well */
  unwind_prepare(way == UNWIND_LIBUNWIND ? UNWIND_TABLES : way);
  code_prepare();
  note_way();
  next_forget_error();
}

void process_learn_callers(void) {
  if (process_state_now() != PROCESS_TRACKING) return;
  uint64_t started = clock_thread_cpu_ns();
  struct record *record = thread_go_inside();
  unwind_prepare(wanted_way()); /* where it fails, the way is another, which is noted here */
  note_way();
  next_forget_error();
  thread_come_out(record);
  caller_forget_modules();
  count_start(started);
}

/* A file with no room for all of the parent's categories is given up: their ids are in use already. */
static int open_books(uint32_t slabs, const struct segment *parents) {
  int result = fork_books_open(&segment, parents);
  if (result == 0) return 0;
  result = segment_home_retreat(&identity, &settings, slabs, &segment);
  if (result == 0) result = fork_books_open(&segment, parents);
  return result;
}

struct record *process_shared_record(void) {
  return (struct record *)(void *)records;
}

int process_open_record(uint32_t slab) {
  if (slab >= record_count) return -ENOMEM;
  return memory_open(process_record(slab), RECORD_BYTES) == 0 ? 0 : -ENOMEM;
}

struct record *process_record(uint32_t slab) {
  return (struct record *)(void *)(records + slab * (size_t)RECORD_BYTES);
}

void process_visit_records(void (*visit)(struct record *record)) {
  if (process_state_now() != PROCESS_TRACKING) return;
  uint32_t slabs = load_acquire(&segment.header->slab_count); /* pairs with take_fresh: its page is open */
  for (uint32_t slab = 1; slab < slabs && slab < record_count; slab++) visit(process_record(slab));
}

/* The record has nothing left to do, and is found to be out of date: see slab_is_ready. */
static void leave_to_interrupted(struct record *record) {
  enum { FAR = 1 << 30 };
  uint32_t slab = (uint32_t)((size_t)((unsigned char *)record - records) / RECORD_BYTES);
  struct ration_segment_slab *memory = &segment.slabs[slab];
  int is_apart = thread.counting && segment_home_part() == 0;
  if (!is_apart && memory_take_copy(memory, sizeof *memory) < 0) return;
  record->slab = slab;
  record->generation = UINT64_MAX;
  record->countdown = record->armed = record->beat_left = record->sampler.left = FAR;
  record->tallies = memory->u.tally;
}

void process_wipe(void) {
  if (process_page == &first_process) return; /* passive from the start, as its children are */
  struct record *record = thread.record;
  fence_signal(); /* pairs with paged_may_take_small, paged_may_give_any, track_may_count_cached */
  if (record != &record_none) record->fast_tallies = record->paged_tallies = record->tallies = NULL;
  if (record != &record_none && process_state_now() == PROCESS_NEW) leave_to_interrupted(record);
  store_relaxed(&process_page->state, PROCESS_NEW); /* a child has one thread */
}

int process_has_segment(void) {
  enum process_state state = process_state_now();
  return (state == PROCESS_TRACKING || state == PROCESS_PASSIVE) && segment.categories;
}

void process_count_untracked(void) {
  add_relaxed(&untracked_before_segment, 1); /* a sum */
  move_untracked();
}

/* From where it is counted to where it is read, once that is there. */
static void move_untracked(void) {
  if (!process_has_segment()) return;
  uint64_t count = exchange_relaxed(&untracked_before_segment, 0);
  add_relaxed(&segment.header->untracked_blocks, count); /* sums, both */
}

/* As after a dlclose: until each thread has seen it, it may get some more. */
void process_leave_pages(uint32_t why) {
  if (!heap_is_paged() || exchange_relaxed(&heap_is_left, 1)) return;
  store_relaxed(&heap_refusal, why);
  if (process_has_segment()) store_relaxed(&segment.header->heap_refusal, why); /* readers expect no order */
  caller_forget_modules();
}

void process_become_passive(uint32_t why) {
  store_relaxed(&segment.header->passive, why);         /* readers expect no order */
  store_release(&process_page->state, PROCESS_PASSIVE); /* pairs with process_state_now */
}

enum { UNMEASURED, MEASURING, FITS, DOES_NOT_FIT };

static uint32_t measured;

static int measure(void *block, size_t requested) {
  /* tcmalloc's malloc_usable_size allocates at its first call: not on the program's behalf. */
  struct record *record = thread_go_inside();
  int result = next_measure(block, requested);
  thread_come_out(record);
  if (result == -EAGAIN) {
    store_release(&measured, UNMEASURED); /* pairs with process_measure */
    return result;
  }
  if (result < 0) process_become_passive(RATION_PASSIVE_NO_USABLE);
  store_relaxed(&segment.header->chunk_sizes, (uint32_t)next.has_chunk_sizes); /* readers expect no order */
  store_release(&measured,
                result < 0 ? DOES_NOT_FIT : FITS); /* pairs with process_measure, process_is_measured */
  return result;
}

int process_is_measured(void) {
  return load_acquire(&measured) == FITS; /* pairs with measure */
}

int process_measure(void *block, size_t requested) {
  uint32_t state = load_acquire(&measured); /* pairs with process_measure */
  if (LIKELY(state == FITS)) return 0;
  if (state == UNMEASURED && cas_acq_rel(&measured, &state, MEASURING)) /* pairs with process_measure */
    return measure(block, requested);
  if (state == MEASURING && !next.has_own_usable) return -EAGAIN;
  return state == DOES_NOT_FIT ? -ENOTSUP : 0;
}
