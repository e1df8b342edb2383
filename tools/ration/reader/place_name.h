/*
 * place_name.h: the name of a segment's file, ration.NS.PID.START.N, which says whose it is; and of a copy that its
 * process made of it, ration.NS.PID.START.N.dump.K.
 */
#ifndef RATION_TOOL_READER_PLACE_NAME_H
#define RATION_TOOL_READER_PLACE_NAME_H

#include <stddef.h>
#include <stdint.h>

struct place_name {
  uint64_t pid_namespace; /* inode */
  uint64_t start_ticks;   /* field 22 of /proc/PID/stat */
  uint32_t pid;
  uint32_t image; /* counts the images of the process, from 0 */
};

#define PLACE_NAME_BYTES 96

/* Returns 0, or -EINVAL where `text` is not the name of a segment; nothing may stand behind it. */
int place_name_parse(const char *text, struct place_name *ret_name);

/* The same of a copy; K, from 1, goes to *ret_number. */
int place_name_parse_copy(const char *text, struct place_name *ret_name, uint32_t *ret_number);

/* Of the segment. */
void place_name_write(const struct place_name *name, char ret_text[PLACE_NAME_BYTES]);

#endif
