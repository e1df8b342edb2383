/*
 * segment_name.h: ration.NS.PID.START.N (docs/names.md, "Categories, files, sessions").
 *
 * NS: inode of the pid namespace. START: field 22 of /proc/PID/stat. N: counts the images of a process.
 */
#ifndef RATION_TRACK_SEGMENT_NAME_H
#define RATION_TRACK_SEGMENT_NAME_H

#include <stdint.h>

#define SEGMENT_NAME_BYTES  128
#define SEGMENT_IMAGES_MOST 1000000

struct segment_name {
  uint64_t pid_namespace;
  uint32_t pid;
  uint64_t start_ticks;
  uint32_t image;
};

/* "ration.NS.PID.START.N"; without the image: "ration.NS.PID.START."; of a namespace: "ration.NS." */
void segment_name_write(struct segment_name name, char text[SEGMENT_NAME_BYTES]);
void segment_name_write_process(struct segment_name name, char text[SEGMENT_NAME_BYTES]);
void segment_name_write_namespace(uint64_t pid_namespace, char text[SEGMENT_NAME_BYTES]);

/* Reads a file's name. 0: it is none of these. */
int segment_name_is_read(const char *text, struct segment_name *ret_name);

/* One more than the highest image that the process has a file for in `folder`; 0: it has none. */
uint32_t segment_name_next_image(const char *folder, struct segment_name name);

#endif
