/*
 * image.c: a memfd that is mapped while it is written. It is our own, so that nobody can cut it under the mapping.
 */
#include "recording/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recording/patch.h"

#define PAGE_BYTES 4096
#define PAGE_WORDS (PAGE_BYTES / sizeof(uint64_t))

static int make_file(const char *name);
static bool raise_file_limit(void);
static int open_fault(int error, struct fault *ret_fault);
static int map(struct image *image);
static bool may_write(void *context, uint64_t first, uint64_t words);

/* Half of what there is. */
struct image_pages image_pages_of_machine(void) {
  long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
  return (struct image_pages){.most = (uint64_t)pages / 2 * ((uint64_t)bytes / PAGE_BYTES)};
}

int image_open(struct image *image, const char *name, uint64_t bytes, struct image_pages *pages,
               struct fault *ret_fault) {
  int refused = image_leave_out(image, bytes, ret_fault);
  if (refused) return refused;
  *image = (struct image){.fd = make_file(name), .bytes = bytes, .pages = pages};
  if (image->fd < 0) return open_fault(errno, ret_fault);
  image->touched = calloc(bytes / PAGE_BYTES / 8 + 1, 1);
  int error = !image->touched ? -ENOMEM : ftruncate(image->fd, (off_t)bytes) == 0 ? 0 : -errno;
  if (!error) return 0;
  image_close(image);
  return open_fault(-error, ret_fault);
}

void image_close(struct image *image) {
  image_rest(image);
  free(image->touched);
  if (image->fd >= 0) close(image->fd);
}

int image_leave_out(struct image *image, uint64_t bytes, struct fault *ret_fault) {
  *image = (struct image){.fd = -1, .bytes = bytes};
  if (bytes > 0 && bytes % sizeof(uint64_t) == 0 && bytes <= IMAGE_BYTES_MOST) return 0;
  return fault_set(ret_fault, -EBADMSG, "a segment of %llu bytes", (unsigned long long)bytes);
}

void image_rest(struct image *image) {
  if (image->words) munmap(image->words, image->bytes);
  image->words = NULL;
}

int image_patch(struct image *image, struct varint_source *patch) {
  int error = image->words ? 0 : map(image);
  if (error) return error;
  struct patch_target target = {.words = image->words,
                                .count = image->bytes / sizeof(uint64_t),
                                .may_write = may_write,
                                .context = image};
  return patch_apply(patch, &target);
}

void image_path(const struct image *image, char ret_path[IMAGE_PATH_BYTES]) {
  snprintf(ret_path, IMAGE_PATH_BYTES, "/proc/self/fd/%d", image->fd);
}

/* The usual limit is there for the sake of select(2), which is not used here. */
static int make_file(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0 && errno == EMFILE && raise_file_limit()) fd = memfd_create(name, MFD_CLOEXEC);
  return fd;
}

static bool raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static int open_fault(int error, struct fault *ret_fault) {
  if (error == EMFILE)
    return fault_set(ret_fault, -error, "more processes than files may be open; raise the limit (ulimit -n)");
  return fault_set(ret_fault, -error, "no file in memory can be had: %s", strerror(error));
}

static int map(struct image *image) {
  void *words = mmap(NULL, image->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
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
    *bits |= bit;
  }
  return true;
}
