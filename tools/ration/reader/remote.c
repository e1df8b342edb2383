/*
 * remote.c: see remote.h.
 */
#include "reader/remote.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "reader/smaps.h"

#define PAGE_LEAST 4096

/* A stretch of pages. */
struct stretch {
  uint64_t page_bytes, first;
  size_t count; /* of words that could be read */
  uint64_t word[REMOTE_SPARSE_MOST / PAGE_LEAST + 2];
};

static void look(uint32_t pid, uint64_t address, size_t count, struct stretch *ret_stretch);
static bool is_there(const struct stretch *stretch, uint64_t address);

int remote_read(uint32_t pid, uint64_t address, void *ret_bytes, size_t count) {
  struct iovec local = {.iov_base = ret_bytes, .iov_len = count};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
  ssize_t got = process_vm_readv((pid_t)pid, &local, 1, &remote, 1, 0);
  if (got == (ssize_t)count) return 0;
  return got < 0 ? -errno : -EFAULT;
}

/* Page by page, those beside one another that are there at once. */
int remote_read_sparse(uint32_t pid, uint64_t address, void *ret_bytes, size_t count) {
  struct stretch stretch;
  int error = 0;
  if (count > REMOTE_SPARSE_MOST) return -EINVAL;
  look(pid, address, count, &stretch);
  for (size_t at = 0, length; at < count && !error; at += length) {
    bool is_read = is_there(&stretch, address + at);
    length = 0;
    do length += (size_t)(stretch.page_bytes - (address + at + length) % stretch.page_bytes);
    while (at + length < count && is_there(&stretch, address + at + length) == is_read);
    if (length > count - at) length = count - at;
    if (is_read)
      error = remote_read(pid, address + at, (char *)ret_bytes + at, length);
    else
      memset((char *)ret_bytes + at, 0, length);
  }
  return error;
}

bool remote_has(uint32_t pid, uint64_t address) {
  struct stretch stretch;
  look(pid, address, 1, &stretch);
  return is_there(&stretch, address);
}

static void look(uint32_t pid, uint64_t address, size_t count, struct stretch *ret_stretch) {
  struct stretch *stretch = ret_stretch;
  stretch->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
  stretch->first = address / stretch->page_bytes;
  stretch->count = 0;
  int pagemap = pagemap_open(pid);
  if (pagemap < 0) return;
  size_t wanted =
      (size_t)((address + count - 1) / stretch->page_bytes - stretch->first + 1) * sizeof *stretch->word;
  ssize_t got = pread(pagemap, stretch->word, wanted, (off_t)(stretch->first * sizeof *stretch->word));
  if (got > 0) stretch->count = (size_t)got / sizeof *stretch->word;
  close(pagemap);
}

static bool is_there(const struct stretch *stretch, uint64_t address) {
  uint64_t number = address / stretch->page_bytes - stretch->first;
  return number >= stretch->count || (stretch->word[number] & (PAGEMAP_IS_PRESENT | PAGEMAP_IS_SWAPPED)) != 0;
}
