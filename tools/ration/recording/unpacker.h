/*
 * unpacker.h: a recording's file as it is read: its header, then packet after packet, each checked before it is believed.
 *
 * A packet that is cut by the end of the file is as good as none: whoever wrote it was killed, or still writes. And
 * so is one that is damaged, if nothing whole stands behind it: the machine went down before all was on its disk.
 */
#ifndef RATION_TOOL_RECORDING_UNPACKER_H
#define RATION_TOOL_RECORDING_UNPACKER_H

#include <stdbool.h>

#include "reader/fault.h"
#include "recording/format.h"
#include "recording/varint.h"

struct unpacker;

/* Whether the file at `path` is a recording, or what is left of one, as far as its first bytes tell. */
bool unpacker_is_recording(const char *path);

/*
 * Opens it and reads the header. Returns 0; -EBADMSG: no recording, cut in its header or corrupted; -EPROTO: of another
 * major version; -ENOMEM or -errno of open(2); with words.
 */
int unpacker_open(const char *path, struct unpacker **ret_unpacker, struct fault *ret_fault);

/* NULL is nothing to close. */
void unpacker_close(struct unpacker *unpacker);

const struct recording_header *unpacker_header(const struct unpacker *unpacker);

/*
 * The plain bytes of the next packet, which stay until the one after. Returns 1; 0: there is no whole one behind the last;
 * -EBADMSG: it is damaged, and not the end of the file alone; -ENOMEM or -errno of read(2); with words.
 */
int unpacker_next(struct unpacker *unpacker, struct varint_source *ret_plain, struct fault *ret_fault);

/* Where the packet begins in the file. */
uint64_t unpacker_at(const struct unpacker *unpacker);

/* Bytes behind the last whole packet, once there was none any more; and where these begin, if they are more than cut. */
uint64_t unpacker_cut_bytes(const struct unpacker *unpacker);
uint64_t unpacker_damaged_at(const struct unpacker *unpacker);

#endif
