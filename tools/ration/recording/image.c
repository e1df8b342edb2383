/*
 * image.c: a memfd, of which an image is mapped while it is written. It is our own, so that nobody can cut it under the
 * mapping.
 */
#include "recording/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recording/patch.h"

#define PAGE_BYTES  4096
#define PAGE_WORDS  (PAGE_BYTES / sizeof(uint64_t))
#define START_ALIGN UINT64_C(65536) /* pages of a machine are no larger */

static void give_back(struct image_pages *pages, uint64_t bytes);
static int place(struct image *image);
static int open_bits(struct image *image);
static uint64_t bits_bytes(const struct image *image);
static int extend(int fd, uint64_t end);
static int map(struct image *image);
static bool may_write(void *context, uint64_t first, uint64_t words);

/* Half of what there is. */
struct image_pages image_pages_of_machine(void) {
  long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
  return (struct image_pages){.most = (uint64_t)pages / 2 * ((uint64_t)bytes / PAGE_BYTES), .fd = -1};
}

void image_pages_close(struct image_pages *pages) {
  if (pages->fd >= 0) close(pages->fd);
  pages->fd = -1;
}

int image_pages_take(struct image_pages *pages, uint64_t bytes) {
  uint64_t more = (pages->loose_bytes + bytes) / PAGE_BYTES;
  if (more > pages->most - pages->used) return -E2BIG;
  pages->used += more;
  pages->loose_bytes = (pages->loose_bytes + bytes) % PAGE_BYTES;
  return 0;
}

void image_open(struct image *image, uint64_t bytes, struct image_pages *pages) {
  *image = (struct image){.bytes = bytes, .pages = pages};
}

void image_close(struct image *image) {
  image_rest(image);
  if (!image->touched) return;
  free(image->touched);
  image->touched = NULL;
  give_back(image->pages, bits_bytes(image));
}

bool image_may_have(uint64_t bytes) {
  return bytes > 0 && bytes % sizeof(uint64_t) == 0 && bytes <= IMAGE_BYTES_MOST;
}

/* Where no hole can be made the pages stay, and count. */
void image_leave_out(struct image *image) {
  struct image_pages *pages = image->pages;
  image_close(image);
  if (pages && image->start &&
      fallocate(pages->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)image->start,
                (off_t)image->bytes) == 0)
    pages->used -= image->own_pages;
  *image = (struct image){.bytes = image->bytes};
}

void image_rest(struct image *image) {
  if (image->words) munmap(image->words, image->bytes);
  image->words = NULL;
}

int image_patch(struct image *image, struct varint_source *patch) {
  int error = image->start ? 0 : place(image);
  if (!error && !image->touched) error = open_bits(image);
  if (!error && !image->words) error = map(image);
  if (error) return error;
  struct patch_target target = {.words = image->words,
                                .count = image->bytes / sizeof(uint64_t),
                                .may_write = may_write,
                                .context = image};
  return patch_apply(patch, &target);
}

struct segment_file image_file(const struct image *image) {
  return (struct segment_file){.fd = image->pages->fd, .bytes = image->bytes, .start = image->start};
}

void image_path(const struct image *image, char ret_path[SEGMENT_WINDOW_PATH_BYTES]) {
  struct segment_file file = image_file(image);
  segment_file_window_path(&file, ret_path);
}

/* What was taken. */
static void give_back(struct image_pages *pages, uint64_t bytes) {
  uint64_t loose = bytes % PAGE_BYTES;
  if (loose > pages->loose_bytes) {
    pages->used--;
    pages->loose_bytes += PAGE_BYTES;
  }
  pages->loose_bytes -= loose;
  pages->used -= bytes / PAGE_BYTES;
}

/* Behind the others. */
static int place(struct image *image) {
  struct image_pages *pages = image->pages;
  if (pages->fd < 0) pages->fd = memfd_create("recording", MFD_CLOEXEC);
  if (pages->fd < 0) return -errno;
  uint64_t start = pages->end ? pages->end : START_ALIGN;
  uint64_t end = (start + image->bytes + START_ALIGN - 1) / START_ALIGN * START_ALIGN;
  if (end > INT64_MAX) return -E2BIG;
  int error = extend(pages->fd, end);
  if (error) return error;
  image->start = start;
  pages->end = end;
  return 0;
}

static int open_bits(struct image *image) {
  uint64_t bytes = bits_bytes(image);
  if (image_pages_take(image->pages, bytes) != 0) return -E2BIG;
  image->touched = calloc(bytes, 1);
  if (image->touched) return 0;
  give_back(image->pages, bytes);
  return -ENOMEM;
}

static uint64_t bits_bytes(const struct image *image) {
  return image->bytes / PAGE_BYTES / 8 + 1;
}

/* The limit of file sizes counts here, too, though next to nothing is written; behind it there would be a signal. */
static int extend(int fd, uint64_t end) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return -errno;
  bool is_beyond = limit.rlim_cur != RLIM_INFINITY && end > limit.rlim_cur;
  if (is_beyond && limit.rlim_max != RLIM_INFINITY && end > limit.rlim_max) return -EFBIG;
  struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  if (is_beyond && setrlimit(RLIMIT_FSIZE, &raised) != 0) return -errno;
  int error = ftruncate(fd, (off_t)end) == 0 ? 0 : -errno;
  if (is_beyond) setrlimit(RLIMIT_FSIZE, &limit);
  return error;
}

static int map(struct image *image) {
  void *words =
      mmap(NULL, image->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, image->pages->fd, (off_t)image->start);
  if (words == MAP_FAILED) return -errno;
  image->words = words;
  return 0;
}

static bool may_write(void *context, uint64_t first, uint64_t words) {
  struct image *image = context;
  for (uint64_t page = first / PAGE_WORDS; page <= (first + words - 1) / PAGE_WORDS; page++) {
    unsigned char *bits = &image->touched[page / 8], bit = (unsigned char)(1u << page % 8);
    if (*bits & bit) continue;
    if (image->pages->used == image->pages->most) return false;
    image->pages->used++;
    image->own_pages++;
    *bits |= bit;
  }
  return true;
}
