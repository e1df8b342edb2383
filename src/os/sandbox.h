/*
 * sandbox.h: which system calls of the shim's own would kill the process, since a filter that it has set for itself says so.
 *
 * A filter that was there from the start needs no such care: what it kills for, it has killed for. One that is set past prctl(2)
 * is not seen.
 */
#ifndef RATION_OS_SANDBOX_H
#define RATION_OS_SANDBOX_H

#include <linux/filter.h>
#include <stdint.h>

/* The process has set this one (NULL: strict mode), beside those before. */
void sandbox_note(const struct sock_fprog *filter);

/* Whether that filter would kill for one of these calls. */
int sandbox_filter_kills(const struct sock_fprog *filter, long call);

/*
 * Whether room that may be had or not had better not be asked for, or what is not used not be given back, by this call:
 * SYS_mprotect, SYS_madvise, or SYS_mmap.
 */
int sandbox_kills(long call);

#endif
