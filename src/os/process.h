/*
 * process.h: who this process is, and whether another one still lives.
 *
 * In-malloc: no allocation, no lock; /proc is opened, read and closed at start only.
 */
#ifndef RATION_OS_PROCESS_H
#define RATION_OS_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#define PROCESS_PROGRAM_BYTES 64

struct process_identity {
  uint32_t pid;
  uint32_t parent;
  uint32_t user;
  uint64_t start_ticks;                /* field 22 of /proc/self/stat; 0 without /proc */
  uint64_t pid_namespace;              /* inode; 0 without /proc */
  char program[PROCESS_PROGRAM_BYTES]; /* file name of the executable */
};

/* Fills *ret_identity as far as it can be known. */
void process_identify(struct process_identity *ret_identity);

/* The same in a forked child, whose program is its parent's. */
void process_identify_child(struct process_identity *identity);

/* Parent and start time of a process. Returns 0, or -ENOENT: no such process, or /proc does not show it. */
int process_look_up(uint32_t pid, uint32_t *ret_parent, uint64_t *ret_start_ticks);

/*
 * Does the process of this pid that started then still live? What /proc hides (hidepid), and all that is seen
 * through the /proc of another pid namespace, is not known.
 */
enum process_life { PROCESS_LIVES, PROCESS_IS_GONE, PROCESS_IS_UNKNOWN };
enum process_life process_life(uint32_t pid, uint64_t start_ticks);

uint32_t process_id(void);
uint32_t process_parent_id(void);
uint32_t process_thread_id(void);

/* The name of the calling thread, NUL-terminated (prctl(2), PR_GET_NAME); "" where it is not to be known. */
#define PROCESS_THREAD_NAME_BYTES 16
void process_thread_name(char ret_name[PROCESS_THREAD_NAME_BYTES]);

/* A number that no other process knows but children of fork: getrandom(2), or, where that has none yet, of what the kernel
   has given the process (getauxval(3), AT_RANDOM), in a form that does not give it away. */
uint64_t process_secret(void);

/* Nanoseconds since the epoch; and since the machine's start, by a clock that is never set: CLOCK_MONOTONIC. */
uint64_t process_time_ns(void);
uint64_t process_monotonic_ns(void);

/* Ends the process by SIGABRT, as abort(3): past a handler that returns. */
_Noreturn void process_abort(void);

/* It runs with privileges that its caller lacks (AT_SECURE): by set-user-ID, say, or by capabilities of its file. */
int process_is_privileged(void);

/*
 * A variable of the environment, read past getenv(), which programs replace; NULL: not set, or the process is privileged,
 * in which case it takes no orders from its environment.
 */
const char *process_variable(const char *name);

/* The environment can be read: not so before libc's own constructor has run. */
int process_has_environment(void);

/* The current folder, NUL-terminated. Returns its length; 0: not to be known. */
size_t process_folder(char *ret_path, size_t room);

/* The path of the executable, NUL-terminated. Returns its length; 0: not to be known. */
size_t process_executable(char *ret_path, size_t room);

#endif
