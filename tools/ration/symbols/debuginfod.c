/*
 * debuginfod.c: the library's interface as its header has it, which need not be there to build this.
 */
#include "symbols/debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

typedef void *begin_function(void);
typedef int find_function(void *client, const unsigned char *build_id, int build_id_bytes, char **path);
typedef void end_function(void *client);

struct debuginfod {
  void *client;
  end_function *end;
  find_function *find[2]; /* by kind */
  bool is_given_up;       /* there is no library, or the servers do not answer */
};

static int start(struct debuginfod *debuginfod);

struct debuginfod *debuginfod_open(void) {
  const char *urls = getenv("DEBUGINFOD_URLS");
  return urls && *urls ? calloc(1, sizeof(struct debuginfod)) : NULL;
}

void debuginfod_close(struct debuginfod *debuginfod) {
  if (!debuginfod) return;
  if (debuginfod->client) debuginfod->end(debuginfod->client);
  free(debuginfod);
}

int debuginfod_find(struct debuginfod *debuginfod, enum debuginfod_kind kind, struct build_id build_id,
                    struct object_file **ret_file) {
  if (!debuginfod || debuginfod->is_given_up || build_id.count == 0) return -ENOENT;
  if (!debuginfod->client && start(debuginfod) != 0) {
    debuginfod->is_given_up = true;
    return -ENOENT;
  }
  char *path = NULL;
  int fd = debuginfod->find[kind](debuginfod->client, build_id.bytes, (int)build_id.count, &path);
  if (fd < 0) {
    debuginfod->is_given_up = fd != -ENOENT && fd != -EFBIG;
    return -ENOENT;
  }
  int error = object_file_open(path, ret_file);
  close(fd);
  free(path);
  return error;
}

/* The library stays: it brings others for the network, and those do not like to be unloaded. */
static int start(struct debuginfod *debuginfod) {
  void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return -ENOENT;
  begin_function *begin;
  *(void **)&begin = dlsym(library, "debuginfod_begin");
  *(void **)&debuginfod->end = dlsym(library, "debuginfod_end");
  *(void **)&debuginfod->find[DEBUGINFOD_DEBUG] = dlsym(library, "debuginfod_find_debuginfo");
  *(void **)&debuginfod->find[DEBUGINFOD_EXECUTABLE] = dlsym(library, "debuginfod_find_executable");
  bool is_whole = begin && debuginfod->end && debuginfod->find[DEBUGINFOD_DEBUG] &&
                  debuginfod->find[DEBUGINFOD_EXECUTABLE];
  if (!is_whole) return -ENOENT;
  debuginfod->client = begin();
  return debuginfod->client ? 0 : -ENOMEM;
}
