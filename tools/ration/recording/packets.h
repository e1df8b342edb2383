/*
 * packets.h: the packets of a recording as they are written: what is put in is packed, and goes out at a flush.
 */
#ifndef RATION_TOOL_RECORDING_PACKETS_H
#define RATION_TOOL_RECORDING_PACKETS_H

#include "recording/bytes.h"

struct packets;

/* Of a file that stands behind its header, and is taken over. Returns 0 or -ENOMEM. */
int packets_new(int fd, struct packets **ret_packets);

/* Closes the file without another packet. NULL is nothing to close. Returns 0 or -errno of close(2). */
int packets_free(struct packets *packets);

/* The plain bytes of the packet that is being filled. */
struct bytes *packets_open(struct packets *packets);

/* Packs what is there and appends it to the file; nothing there, nothing happens. Returns 0 or -errno. */
int packets_flush(struct packets *packets);

#endif
