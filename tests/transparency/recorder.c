/*
 * recorder.c: an allocator that writes down what it is asked, and asks the next one the same. Preloaded below
 * the shim, or without it.
 *
 * $RECORDER_FILE.PROGRAM.N gets one struct record for each call, in order; N counts the processes of that
 * program. malloc_usable_size is passed on and not written down: the shim asks for sizes. Blocks are called
 * by their ordinal number, so that records do not depend on addresses; where a block lies in the heap that
 * grows by brk(2), its place there is written down too, which shows that this heap is laid out the same. A
 * forked child writes nothing.
 *
 * For programs with one thread: nothing here is locked.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORDS_MOST (UINT64_C(1) << 23)
#define PLACES       (UINT64_C(1) << 21) /* of the table of live blocks; a power of two */
#define EARLY_BYTES  65536               /* for what dlsym asks for */

enum entry_point {
  MALLOC = 1,
  CALLOC,
  REALLOC,
  REALLOCARRAY,
  FREE,
  POSIX_MEMALIGN,
  ALIGNED_ALLOC,
  MEMALIGN,
  VALLOC,
  PVALLOC,
};

struct record {
  uint32_t entry_point;
  uint32_t old; /* number of the block that is freed or resized; 0: NULL or unknown */
  uint64_t size;
  uint64_t other; /* count or alignment */
  uint64_t place; /* of the block given, from the start of the heap; 0: mapped elsewhere, or none */
};

struct recording {
  uint64_t count; /* of records; over RECORDS_MOST: the last ones were lost */
  struct record records[RECORDS_MOST];
};

struct live {
  void *address; /* NULL: free */
  uint64_t number;
};

static struct {
  int is_ready;
  pid_t pid;
  char *heap; /* its start */
  struct recording *recording;
  struct live *live;
  uint64_t blocks;
  char early[EARLY_BYTES] __attribute__((aligned(16)));
  size_t early_used;
} recorder;

static struct {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
  int (*posix_memalign)(void **, size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  void *(*memalign)(size_t, size_t);
  void *(*valloc)(size_t);
  void *(*pvalloc)(size_t);
  size_t (*usable)(void *);
} next;

void *memalign(size_t alignment, size_t size);
void *valloc(size_t size);
void *pvalloc(size_t size);
size_t malloc_usable_size(void *block);

/* ---- start --------------------------------------------------------------------------------------------- */

static void *map(size_t bytes, int descriptor) {
  int flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0);
  if (memory == MAP_FAILED) abort();
  return memory;
}

/* The file of this process: the first number that is not taken. */
static struct recording *open_recording(void) {
  char path[4096];
  int descriptor = -1;
  const char *prefix = getenv("RECORDER_FILE");
  for (int number = 0; prefix && descriptor < 0 && number < 100; number++) {
    snprintf(path, sizeof path, "%s.%s.%d", prefix, program_invocation_short_name, number);
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  if (descriptor < 0 || ftruncate(descriptor, sizeof(struct recording)) < 0) abort();
  struct recording *recording = map(sizeof *recording, descriptor);
  close(descriptor);
  return recording;
}

#define FIND(function, name) *(void **)&next.function = dlsym(RTLD_NEXT, name)

static void begin(void) {
  if (recorder.is_ready) return;
  recorder.is_ready = 1;
  FIND(calloc, "calloc"), FIND(realloc, "realloc"), FIND(free, "free");
  FIND(posix_memalign, "posix_memalign"), FIND(aligned_alloc, "aligned_alloc"), FIND(memalign, "memalign");
  FIND(valloc, "valloc"), FIND(pvalloc, "pvalloc"), FIND(usable, "malloc_usable_size");
  recorder.live = map(PLACES * sizeof *recorder.live, -1);
  recorder.recording = open_recording();
  recorder.pid = getpid();
  recorder.heap = sbrk(0);
  FIND(malloc, "malloc"); /* last: from here on everything is forwarded */
}

/* What comes before, on behalf of begin(), is none of the program's. */
static void *early(size_t size) {
  size = (size + 15) & ~(size_t)15;
  if (size > EARLY_BYTES - recorder.early_used) abort();
  void *block = recorder.early + recorder.early_used;
  recorder.early_used += size;
  return block;
}

static int is_early(const void *block) {
  return (uintptr_t)block - (uintptr_t)recorder.early < EARLY_BYTES;
}

/* ---- writing down -------------------------------------------------------------------------------------- */

static struct live *find(const void *address) {
  uint64_t at = ((uintptr_t)address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 43;
  while (recorder.live[at % PLACES].address && recorder.live[at % PLACES].address != address) at++;
  return &recorder.live[at % PLACES];
}

/* A place that is emptied must not part those behind it from where they are looked for: they are put in anew.
 */
static uint64_t take_number(void *address) {
  struct live *place = address ? find(address) : NULL;
  if (!place || !place->address) return 0;
  uint64_t number = place->number;
  place->address = NULL;
  for (uint64_t at = (uint64_t)(place - recorder.live) + 1; recorder.live[at % PLACES].address; at++) {
    struct live moved = recorder.live[at % PLACES];
    recorder.live[at % PLACES].address = NULL;
    *find(moved.address) = moved;
  }
  return number;
}

static void give_number(void *address, uint64_t number) {
  *find(address) = (struct live){.address = address, .number = number};
}

static struct record *write_down(enum entry_point entry_point, uint64_t old, size_t size, size_t other) {
  static struct record nowhere;
  if (getpid() != recorder.pid) return &nowhere;
  uint64_t at = recorder.recording->count++;
  struct record *record = at < RECORDS_MOST ? &recorder.recording->records[at] : &nowhere;
  *record = (struct record){.entry_point = entry_point, .old = (uint32_t)old, .size = size, .other = other};
  return record;
}

static void *given(struct record *record, void *block) {
  int kept_errno = errno;
  if (block) {
    give_number(block, ++recorder.blocks);
    if ((char *)block >= recorder.heap && (char *)block < (char *)sbrk(0))
      record->place = (uint64_t)((char *)block - recorder.heap);
  }
  errno = kept_errno;
  return block;
}

/* ---- the malloc family --------------------------------------------------------------------------------- */

void *malloc(size_t size) {
  begin();
  if (!next.malloc) return early(size);
  return given(write_down(MALLOC, 0, size, 0), next.malloc(size));
}

void *calloc(size_t count, size_t size) {
  begin();
  if (!next.malloc) return early(count * size);
  return given(write_down(CALLOC, 0, size, count), next.calloc(count, size));
}

static void *resize(struct record *record, void *block, uint64_t number, size_t size) {
  void *moved = next.realloc(block, size);
  if (!moved && block && size) give_number(block, number); /* it failed */
  return given(record, moved);
}

void *realloc(void *block, size_t size) {
  begin();
  if (!next.malloc || is_early(block)) abort();
  uint64_t number = take_number(block);
  return resize(write_down(REALLOC, number, size, 0), block, number, size);
}

/* Not by the next reallocarray, which would call realloc by name. */
void *reallocarray(void *block, size_t count, size_t size) {
  size_t bytes;
  begin();
  if (__builtin_mul_overflow(count, size, &bytes)) {
    write_down(REALLOCARRAY, 0, size, count);
    errno = ENOMEM;
    return NULL;
  }
  uint64_t number = take_number(block);
  return resize(write_down(REALLOCARRAY, number, size, count), block, number, bytes);
}

void free(void *block) {
  begin();
  if (is_early(block) || !next.malloc) return;
  write_down(FREE, take_number(block), 0, 0);
  next.free(block);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size) {
  begin();
  struct record *record = write_down(POSIX_MEMALIGN, 0, size, alignment);
  int error = next.posix_memalign(ret_block, alignment, size);
  if (!error) given(record, *ret_block);
  return error;
}

void *aligned_alloc(size_t alignment, size_t size) {
  begin();
  return given(write_down(ALIGNED_ALLOC, 0, size, alignment), next.aligned_alloc(alignment, size));
}

void *memalign(size_t alignment, size_t size) {
  begin();
  return given(write_down(MEMALIGN, 0, size, alignment), next.memalign(alignment, size));
}

void *valloc(size_t size) {
  begin();
  return given(write_down(VALLOC, 0, size, 0), next.valloc(size));
}

void *pvalloc(size_t size) {
  begin();
  return given(write_down(PVALLOC, 0, size, 0), next.pvalloc(size));
}

size_t malloc_usable_size(void *block) {
  begin();
  return is_early(block) ? 0 : next.usable(block);
}
