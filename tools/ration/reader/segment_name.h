/*
 * segment_name.h: the name of a segment's file, ration.NS.PID.START.N, which says whose it is.
 */
#ifndef RATION_TOOL_READER_SEGMENT_NAME_H
#define RATION_TOOL_READER_SEGMENT_NAME_H

#include <stddef.h>
#include <stdint.h>

struct segment_name {
  uint64_t pid_namespace; /* inode */
  uint64_t start_ticks;   /* field 22 of /proc/PID/stat */
  uint32_t pid;
  uint32_t image; /* counts the images of the process, from 0 */
};

#define SEGMENT_NAME_BYTES 96

/* Returns 0, or -EINVAL where `text` is not the name of a segment; nothing may stand behind it. */
int segment_name_parse(const char *text, struct segment_name *ret_name);

void segment_name_write(const struct segment_name *name, char ret_text[SEGMENT_NAME_BYTES]);

#endif
