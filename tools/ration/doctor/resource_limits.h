/*
 * resource_limits.h: the limits of a process that the shim's books have to fit into, and how large these are.
 */
#ifndef RATION_TOOL_DOCTOR_RESOURCE_LIMITS_H
#define RATION_TOOL_DOCTOR_RESOURCE_LIMITS_H

#include <stdint.h>

/* Soft limits in bytes; UINT64_MAX: none. */
struct resource_limits {
  uint64_t address_space; /* RLIMIT_AS */
  uint64_t data;          /* RLIMIT_DATA */
  uint64_t file_size;     /* RLIMIT_FSIZE */
};

/* The text of a /proc/PID/limits. Returns 0, or -EBADMSG: not understood. */
int resource_limits_parse(const char *text, struct resource_limits *ret_limits);

/* Of a process, by /proc/PID/limits below `root`; pid 0: this one. Returns 0 or -errno. */
int resource_limits_read(const char *root, uint32_t pid, struct resource_limits *ret_limits);

/*
 * Where addresses or data are limited, the books take SMALL_BOOKS bytes, more over another allocator than libc's, and
 * no more than an eighth of the limit. A segment's file has LEAST_SEGMENT bytes at the least, and FULL_SEGMENT where
 * nothing is limited. tests/unit/doctor holds these to the shim's own.
 */
#if defined(__aarch64__) /* whose addresses have one bit more */
#define SMALL_BOOKS       UINT64_C(50438144)
#define SMALL_BOOKS_OTHER UINT64_C(83992576)
#else
#define SMALL_BOOKS       UINT64_C(33660928)
#define SMALL_BOOKS_OTHER UINT64_C(50438144)
#endif
#define SHARE_OF_LIMIT 8
#define LEAST_SEGMENT  UINT64_C(1937408)
#define FULL_SEGMENT   UINT64_C(142069760)

#endif
