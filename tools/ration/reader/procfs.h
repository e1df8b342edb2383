/*
 * procfs.h: what /proc says of a process.
 */
#ifndef RATION_TOOL_READER_PROCFS_H
#define RATION_TOOL_READER_PROCFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the image of a process lies in memory: exec puts each at places of its own. */
struct proc_image {
  uint64_t code;
  uint64_t stack; /* 0: nobody says; it is not ours to see */
  uint64_t arguments;
  uint64_t environment;
  uint64_t environment_end;
};

struct proc_stat {
  uint64_t start_ticks;
  uint32_t parent;
  uint32_t threads;
  char state; /* R S D T t Z X I */
  struct proc_image image;
};

/* Returns 0, -ESRCH: no such process, or another -errno. One that is dead and waits for its parent is there.
 */
int procfs_stat(uint32_t pid, struct proc_stat *ret_stat);

/* Signals that a process catches, and ignores: bit N-1 for signal N. */
struct proc_signals {
  uint64_t caught;
  uint64_t ignored;
};

/* Returns 0, -ESRCH: no such process, or another -errno. */
int procfs_signals(uint32_t pid, struct proc_signals *ret_signals);

/* The text of a /proc/PID/status. -EBADMSG: not understood. */
int procfs_parse_signals(const char *text, struct proc_signals *ret_signals);

/* How a process is fenced in. */
struct proc_sandbox {
  uint32_t seccomp;           /* 0: not; 1: strictly; 2: by filters */
  uint32_t filters;           /* how many; 0 before Linux 5.9 */
  uint32_t no_new_privileges; /* 1: it can gain none */
};

/* Returns 0, -ESRCH: no such process, or another -errno. */
int procfs_sandbox(uint32_t pid, struct proc_sandbox *ret_sandbox);

/* The text of a /proc/PID/status. -EBADMSG: not understood. */
int procfs_parse_sandbox(const char *text, struct proc_sandbox *ret_sandbox);

/*
 * The process that a thread belongs to, whose pid /proc takes as well: the first thread of each has that of the process.
 * Returns 0, -ESRCH: no such thread, or another -errno.
 */
int procfs_leader(uint32_t tid, uint32_t *ret_pid);

/* The text of a /proc/PID/status. -EBADMSG: not understood. */
int procfs_parse_leader(const char *text, uint32_t *ret_pid);

/* Pages that are resident, by /proc/PID/statm, which costs the process nothing. Returns 0 or -errno. */
int procfs_resident_pages(uint32_t pid, uint64_t *ret_pages);

/* The name of a thread, as it is now. Returns 0, or -errno, and then the name is what it was. */
int procfs_thread_name(uint32_t pid, uint32_t tid, char *ret_name, size_t size);

/* Whether the process is that user's: by its real, effective, saved or file system's uid. */
bool procfs_has_user(uint32_t pid, uint32_t user);

/* The text of a /proc/PID/status; apart for the sake of its tests. */
bool procfs_parse_user(const char *text, uint32_t user);

/* Whether it is dead, and only waits for its parent. */
bool procfs_is_dead(const struct proc_stat *stat);

/* The text of a /proc/PID/stat; apart from procfs_stat for the sake of its tests. -EBADMSG: not understood.
 */
int procfs_parse_stat(const char *text, struct proc_stat *ret_stat);

/* Where the caller's own executable lies. Returns 0 or -errno. */
int procfs_own_folder(char ret_folder[PATH_MAX]);

/* The inode of the caller's own pid namespace, which is that for as long as it lives. Returns 0 or -errno. */
int procfs_own_pid_namespace(uint64_t *ret_inode);

/* Whether the process maps a file whose path holds `name`. Returns 0 or -errno (-EACCES: not ours to see). */
int procfs_maps_file(uint32_t pid, const char *name, bool *ret_is_mapped);

/*
 * The path of the first such file, which the kernel ends with " (deleted)" where it has been removed. Returns 0, -ENOENT:
 * it maps none, or another -errno.
 */
int procfs_mapped_path(uint32_t pid, const char *name, char *ret_path, size_t size);

#endif
