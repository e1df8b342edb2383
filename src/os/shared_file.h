/*
 * shared_file.h: a file in memory that other processes can read, and the folders where such files live.
 *
 * Created exclusively (O_EXCL, O_NOFOLLOW, mode 0600), given its size once, mapped, and closed: no descriptor
 * stays open, but for a memfd's, whose descriptor is the only way to it.
 */
#ifndef RATION_OS_SHARED_FILE_H
#define RATION_OS_SHARED_FILE_H

#include <stddef.h>
#include <stdint.h>

struct shared_file {
  void *memory; /* NULL: none */
  size_t bytes;
  char path[512]; /* "" for a memfd, or none */
  int descriptor; /* of a memfd; 0: none */
  uint64_t inode; /* of a memfd */
};

/*
 * Creates `name` in `folder` (NULL: as a memfd) with `bytes` bytes, the first `present_bytes` of which can be
 * written without SIGBUS; further ones after memory_make_present(). On kernels that cannot say so page by
 * page, all of it is allocated here. Returns 0, -EEXIST: the name is taken, or another -errno.
 */
int shared_file_create(const char *folder, const char *name, size_t bytes, size_t present_bytes,
                       struct shared_file *ret_file);

/* Gives it another path, in the place of what had that. Returns 0 or -errno. */
int shared_file_rename(const char *path, const char *new_path);

/* Removes a file by its path. */
void shared_file_remove(const char *path);

/* Closes a memfd's descriptor, unless the program has closed it and its number is another file's by now. */
void shared_file_forget(const struct shared_file *file);

/*
 * In a forked child: writes by it stay its own from now on. What it has not written, it sees as others write it. Returns
 * 0 or -errno; -ESTALE: its path is another file's, the first `bytes` bytes of which are not the same.
 */
int shared_file_part(const struct shared_file *file, size_t bytes);

/*
 * Opens what another process has left: a regular file of this one's user, else -EPERM, and no link. By then it is known, and
 * not before: whoever may write to its folder can put something else in its place. Returns its descriptor or -errno.
 */
int shared_file_reopen(const char *path, int may_write, int64_t *ret_modified_ns);
void shared_file_close(int descriptor);

/* Overwrites 4 bytes of it. Returns 0 or -errno. */
int shared_file_patch(int descriptor, uint64_t offset, uint32_t word);

/* Reads its first `bytes` bytes. Returns 0 or -errno; a shorter file is -EIO, an empty one -ENODATA. */
int shared_file_peek(int descriptor, void *ret_bytes, size_t bytes);

/*
 * Calls `visit` with each file name in `folder` that starts with `prefix`, until it returns non-zero.
 * No allocation, little stack; one thread at a time. Returns 0 or -errno.
 */
int shared_folder_visit(const char *folder, const char *prefix, int (*visit)(void *context, const char *name),
                        void *context);

/* Is there something at this path that is no regular file? A link is not followed. */
int shared_file_is_barred(const char *path);

#endif
