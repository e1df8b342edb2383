/*
 * lz4.c: LZ4 as a ration_compression. Its functions take int sizes, and never read or write beyond them.
 */
#include <ration/kit/compress.h>

#include <errno.h>
#include <limits.h>
#include <lz4.h>

static size_t bound(size_t bytes, void *context) {
  (void)context;
  return bytes > LZ4_MAX_INPUT_SIZE ? 0 : (size_t)LZ4_compressBound((int)bytes);
}

static int as_int(size_t size) {
  return size > INT_MAX ? INT_MAX : (int)size;
}

static ptrdiff_t compress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  (void)context;
  if (!from || !to) return -EINVAL;
  if (bytes > LZ4_MAX_INPUT_SIZE) return -EOVERFLOW;
  int written = LZ4_compress_default((const char *)from, (char *)to, (int)bytes, as_int(room));
  return written > 0 ? written : -ENOSPC;
}

static ptrdiff_t decompress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  (void)context;
  if (!from || !to) return -EINVAL;
  if (bytes > INT_MAX) return -EOVERFLOW;
  int written = LZ4_decompress_safe((const char *)from, (char *)to, (int)bytes, as_int(room));
  return written >= 0 ? written : -EBADMSG;
}

const struct ration_compression *ration_compression_lz4(void) {
  static const struct ration_compression lz4 = {"lz4", bound, compress, decompress, NULL};
  return &lz4;
}
