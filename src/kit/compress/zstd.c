/*
 * zstd.c: Zstandard as a ration_compression, with contexts for each call, or with kept ones: `context` is then the
 * struct ration_zstd, else NULL.
 */
#include <ration/kit/compress.h>

#include <errno.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

static int error_of(size_t result, int other) {
  switch (ZSTD_getErrorCode(result)) {
  case ZSTD_error_memory_allocation:
    return -ENOMEM;
  case ZSTD_error_srcSize_wrong:
    return other == -ENOSPC ? -EOVERFLOW : other;
  default:
    return other;
  }
}

static size_t bound(size_t bytes, void *context) {
  (void)context;
  if (bytes > RATION_BYTES_MOST) return 0;
  size_t most = ZSTD_compressBound(bytes);
  return ZSTD_isError(most) ? 0 : most;
}

static ptrdiff_t compress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  const struct ration_zstd *zstd = (const struct ration_zstd *)context;
  if (!from || !to) return -EINVAL;
  if (bytes > RATION_BYTES_MOST) return -EOVERFLOW;
  size_t written = zstd ? ZSTD_compressCCtx((ZSTD_CCtx *)zstd->compressor, to, room, from, bytes, zstd->level)
                        : ZSTD_compress(to, room, from, bytes, ZSTD_CLEVEL_DEFAULT);
  return ZSTD_isError(written) ? error_of(written, -ENOSPC) : (ptrdiff_t)written;
}

static ptrdiff_t decompress(const void *from, size_t bytes, void *to, size_t room, void *context) {
  const struct ration_zstd *zstd = (const struct ration_zstd *)context;
  if (!from || !to) return -EINVAL;
  if (bytes > RATION_BYTES_MOST) return -EOVERFLOW;
  size_t written = zstd ? ZSTD_decompressDCtx((ZSTD_DCtx *)zstd->decompressor, to, room, from, bytes)
                        : ZSTD_decompress(to, room, from, bytes);
  return ZSTD_isError(written) ? error_of(written, -EBADMSG) : (ptrdiff_t)written;
}

const struct ration_compression *ration_compression_zstd(void) {
  static const struct ration_compression zstd = {"zstd", bound, compress, decompress, NULL};
  return &zstd;
}

int ration_zstd_init(struct ration_zstd *zstd, int level) {
  if (!zstd || level < ZSTD_minCLevel() || level > ZSTD_maxCLevel()) return -EINVAL;
  struct ration_zstd made = {{"zstd", bound, compress, decompress, zstd}, NULL, NULL, level};
  made.compressor = ZSTD_createCCtx();
  made.decompressor = ZSTD_createDCtx();
  if (!made.compressor || !made.decompressor) {
    ration_zstd_done(&made);
    return -ENOMEM;
  }
  *zstd = made;
  return 0;
}

void ration_zstd_done(struct ration_zstd *zstd) {
  if (!zstd) return;
  ZSTD_freeCCtx((ZSTD_CCtx *)zstd->compressor);
  ZSTD_freeDCtx((ZSTD_DCtx *)zstd->decompressor);
  memset(zstd, 0, sizeof *zstd);
}
