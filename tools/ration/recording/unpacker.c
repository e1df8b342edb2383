/*
 * unpacker.c: see unpacker.h. Sizes are bounded before memory is asked for, and checksums are those of what is read.
 */
#include "recording/unpacker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "recording/bytes.h"

#define WINDOW_LOG_MOST 24 /* a file cannot ask for more memory than 16 MiB */

/* Behind damage whole packets are looked for; bytes of those that are none, in all, before one is taken for whole. */
#define SEARCH_BLOCK 65536
#define SEARCH_MOST  (UINT64_C(256) << 20)

struct unpacker {
  int fd;
  struct recording_header header;
  ZSTD_DCtx *stream;
  struct bytes packed;
  struct bytes plain;
  uint64_t at;   /* of the packet that was read last */
  uint64_t next; /* of the one behind it */
  uint64_t cut_bytes;
  uint64_t damaged_at;
};

static int open_regular(const char *path, int *ret_fd, struct fault *ret_fault);
static int read_header(struct unpacker *unpacker, struct fault *ret_fault);
static int check_header(const struct recording_header *header, struct fault *ret_fault);
static ssize_t read_fully(int fd, void *to, size_t count);
static bool is_head(const struct recording_packet *head);
static int read_packed(struct unpacker *unpacker, const struct recording_packet *head);
static int unpack(struct unpacker *unpacker, const struct recording_packet *head);
static int damaged(const struct unpacker *unpacker, const char *how, struct fault *ret_fault);
static int broken(struct unpacker *unpacker, const char *how, struct fault *ret_fault);
static bool has_more_behind(struct unpacker *unpacker, uint64_t end);
static bool is_whole(struct unpacker *unpacker, const struct recording_packet *head, uint64_t at,
                     uint64_t end);
static int ends_at(struct unpacker *unpacker, size_t cut_bytes);

/* Of a few bytes the name alone tells: a recording may have been cut down to nothing. */
bool unpacker_is_recording(const char *path) {
  const uint64_t magic = RECORDING_MAGIC;
  unsigned char first[sizeof magic];
  struct fault ignored;
  int fd;
  if (open_regular(path, &fd, &ignored) != 0) return false;
  ssize_t count = read_fully(fd, first, sizeof first);
  close(fd);
  if (count < 0) return false;
  if (count == sizeof first) return memcmp(first, &magic, sizeof magic) == 0;
  size_t length = strlen(path), suffix = strlen(RECORDING_SUFFIX);
  return length >= suffix && strcmp(path + length - suffix, RECORDING_SUFFIX) == 0;
}

int unpacker_open(const char *path, struct unpacker **ret_unpacker, struct fault *ret_fault) {
  struct unpacker *unpacker = calloc(1, sizeof *unpacker);
  if (!unpacker) return fault_set(ret_fault, -ENOMEM, "not enough memory to read it");
  unpacker->fd = -1;
  int error = open_regular(path, &unpacker->fd, ret_fault);
  if (!error) error = read_header(unpacker, ret_fault);
  unpacker->stream = error ? NULL : ZSTD_createDCtx();
  if (!error && !unpacker->stream) error = fault_set(ret_fault, -ENOMEM, "not enough memory to unpack it");
  if (error) {
    unpacker_close(unpacker);
    return error;
  }
  ZSTD_DCtx_setParameter(unpacker->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
  *ret_unpacker = unpacker;
  return 0;
}

void unpacker_close(struct unpacker *unpacker) {
  if (!unpacker) return;
  if (unpacker->fd >= 0) close(unpacker->fd);
  ZSTD_freeDCtx(unpacker->stream);
  bytes_free(&unpacker->packed);
  bytes_free(&unpacker->plain);
  free(unpacker);
}

const struct recording_header *unpacker_header(const struct unpacker *unpacker) {
  return &unpacker->header;
}

int unpacker_next(struct unpacker *unpacker, struct varint_source *ret_plain, struct fault *ret_fault) {
  struct recording_packet head;
  unpacker->at = unpacker->next;
  ssize_t count = read_fully(unpacker->fd, &head, sizeof head);
  if (count < 0) return fault_set(ret_fault, (int)count, "cannot be read: %s", strerror((int)-count));
  if (count < (ssize_t)sizeof head) return ends_at(unpacker, (size_t)count);
  if (!is_head(&head)) return broken(unpacker, "no packet begins there", ret_fault);
  int got = read_packed(unpacker, &head);
  if (got == -ENOMEM) return fault_set(ret_fault, got, "not enough memory to unpack it");
  if (got < 0) return fault_set(ret_fault, got, "cannot be read: %s", strerror(-got));
  if ((uint32_t)got < head.packed_bytes) return ends_at(unpacker, sizeof head + (size_t)got);
  if (head.packed_crc != crc32(0, unpacker->packed.first, head.packed_bytes))
    return broken(unpacker, "its checksum is another one", ret_fault);
  int error = unpack(unpacker, &head);
  if (error == -ENOMEM) return fault_set(ret_fault, error, "not enough memory to unpack it");
  if (error) return damaged(unpacker, "it cannot be unpacked", ret_fault);
  unpacker->next = unpacker->at + sizeof head + head.packed_bytes;
  *ret_plain = (struct varint_source){unpacker->plain.first, unpacker->plain.first + unpacker->plain.count};
  return 1;
}

uint64_t unpacker_at(const struct unpacker *unpacker) {
  return unpacker->at;
}

uint64_t unpacker_cut_bytes(const struct unpacker *unpacker) {
  return unpacker->cut_bytes;
}

uint64_t unpacker_damaged_at(const struct unpacker *unpacker) {
  return unpacker->damaged_at;
}

static int open_regular(const char *path, int *ret_fd, struct fault *ret_fault) {
  struct stat stat;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return fault_set(ret_fault, -errno, "cannot be opened: %s", strerror(errno));
  if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
    *ret_fd = fd;
    return 0;
  }
  close(fd);
  return fault_set(ret_fault, -EINVAL, "no regular file; name a recording");
}

static int read_header(struct unpacker *unpacker, struct fault *ret_fault) {
  struct recording_header *header = &unpacker->header;
  ssize_t count = read_fully(unpacker->fd, header, sizeof *header);
  if (count < 0) return fault_set(ret_fault, (int)count, "cannot be read: %s", strerror((int)-count));
  bool has_magic = (size_t)count >= sizeof header->magic;
  if (has_magic && header->magic != RECORDING_MAGIC)
    return fault_set(ret_fault, -EBADMSG, "no recording; `ration record` makes them");
  if ((size_t)count < sizeof *header)
    return fault_set(ret_fault, -EBADMSG,
                     "truncated: %zd bytes, the header of a recording alone has %zu; nothing can be read",
                     count, sizeof *header);
  int error = check_header(header, ret_fault);
  if (error) return error;
  off_t end = lseek(unpacker->fd, 0, SEEK_END);
  if (end < (off_t)header->header_bytes || lseek(unpacker->fd, header->header_bytes, SEEK_SET) < 0)
    return fault_set(ret_fault, -EBADMSG, "truncated: its header of %u bytes is cut; nothing can be read",
                     header->header_bytes);
  unpacker->next = header->header_bytes;
  return 0;
}

static int check_header(const struct recording_header *header, struct fault *ret_fault) {
  if (header->version_major != RECORDING_MAJOR) {
    return fault_set(
        ret_fault, -EPROTO,
        "a recording of version %u.%u, this ration reads version %d; use the ration of that version",
        header->version_major, header->version_minor, RECORDING_MAJOR);
  }
  bool has_ends = memchr(header->ration_version, 0, sizeof header->ration_version) &&
                  memchr(header->host, 0, sizeof header->host);
  if (header->header_bytes < sizeof *header || !has_ends)
    return fault_set(ret_fault, -EBADMSG, "corrupted: its header makes no sense; nothing can be read");
  return 0;
}

/* Fewer: the file ends there. */
static ssize_t read_fully(int fd, void *to, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = read(fd, (char *)to + done, count - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

static bool is_head(const struct recording_packet *head) {
  size_t checked = offsetof(struct recording_packet, head_crc);
  return head->magic == RECORDING_PACKET_MAGIC &&
         head->head_crc == crc32(0, (const unsigned char *)head, (uInt)checked) &&
         head->plain_bytes <= RECORDING_PACKET_MOST &&
         head->packed_bytes <= ZSTD_compressBound(RECORDING_PACKET_MOST);
}

/* How many bytes are there, or -errno. */
static int read_packed(struct unpacker *unpacker, const struct recording_packet *head) {
  unpacker->packed.count = 0;
  unsigned char *to = bytes_reserve(&unpacker->packed, head->packed_bytes);
  return to ? (int)read_fully(unpacker->fd, to, head->packed_bytes) : -ENOMEM;
}

/* Room for a byte more shows where there is more than was said. */
static int unpack(struct unpacker *unpacker, const struct recording_packet *head) {
  unpacker->plain.count = 0;
  unsigned char *to = bytes_reserve(&unpacker->plain, (size_t)head->plain_bytes + 1);
  if (!to) return -ENOMEM;
  if (head->flags & RECORDING_FRAME_BEGINS) ZSTD_DCtx_reset(unpacker->stream, ZSTD_reset_session_only);
  ZSTD_inBuffer in = {unpacker->packed.first, head->packed_bytes, 0};
  ZSTD_outBuffer out = {to, (size_t)head->plain_bytes + 1, 0};
  for (size_t taken = 1, given = 1; taken || given;) {
    taken = in.pos;
    given = out.pos;
    if (ZSTD_isError(ZSTD_decompressStream(unpacker->stream, &out, &in))) return -EBADMSG;
    taken = in.pos - taken;
    given = out.pos - given;
    if (in.pos == in.size && out.pos == head->plain_bytes) break;
  }
  unpacker->plain.count = head->plain_bytes;
  return in.pos == in.size && out.pos == head->plain_bytes ? 0 : -EBADMSG;
}

static int damaged(const struct unpacker *unpacker, const char *how, struct fault *ret_fault) {
  return fault_set(ret_fault, -EBADMSG,
                   "damaged at byte %llu of the recording: %s; nothing can be read, take a whole copy",
                   (unsigned long long)unpacker->at, how);
}

/* What is not as it was written: the end of all, if nothing whole is behind it. */
static int broken(struct unpacker *unpacker, const char *how, struct fault *ret_fault) {
  off_t end = lseek(unpacker->fd, 0, SEEK_END);
  if (end < (off_t)unpacker->at || has_more_behind(unpacker, (uint64_t)end))
    return damaged(unpacker, how, ret_fault);
  unpacker->damaged_at = unpacker->at;
  return ends_at(unpacker, (size_t)end - unpacker->at);
}

/* Heads are looked for at each byte, in blocks that overlap. */
static bool has_more_behind(struct unpacker *unpacker, uint64_t end) {
  static unsigned char block[SEARCH_BLOCK];
  struct recording_packet head;
  uint64_t allowed = SEARCH_MOST;
  for (uint64_t from = unpacker->at + 1; from + sizeof head <= end;) {
    ssize_t count = pread(unpacker->fd, block, sizeof block, (off_t)from);
    if (count < (ssize_t)sizeof head) return count < 0; /* who knows */
    size_t heads = (size_t)count - sizeof head + 1;
    for (size_t i = 0; i < heads; i++) {
      memcpy(&head, block + i, sizeof head);
      if (!is_head(&head)) continue;
      if (head.packed_bytes > allowed || is_whole(unpacker, &head, from + i, end)) return true;
      allowed -= head.packed_bytes;
    }
    from += heads;
  }
  return false;
}

static bool is_whole(struct unpacker *unpacker, const struct recording_packet *head, uint64_t at,
                     uint64_t end) {
  if (head->packed_bytes > end - at - sizeof *head) return false;
  if (lseek(unpacker->fd, (off_t)(at + sizeof *head), SEEK_SET) < 0) return true;
  int got = read_packed(unpacker, head);
  if (got != (int)head->packed_bytes) return got < 0;
  return head->packed_crc == crc32(0, unpacker->packed.first, head->packed_bytes);
}

static int ends_at(struct unpacker *unpacker, size_t cut_bytes) {
  unpacker->cut_bytes = cut_bytes;
  return 0;
}
