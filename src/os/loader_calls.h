/*
 * loader_calls.h: the next dlopen and dlsym in link order. Both ask who called them (for RUNPATH, for RTLD_NEXT): who hands
 * them on must end in a jump.
 *
 * In-malloc, but for the look-up itself, which takes the loader's lock, and allocates.
 */
#ifndef RATION_OS_LOADER_CALLS_H
#define RATION_OS_LOADER_CALLS_H

typedef void *loader_open(const char *file, int flags);
typedef void *loader_symbol(void *handle, const char *name);

struct loader_calls {
  loader_open *open;
  loader_symbol *symbol;
};

/* The next definitions behind the module that `own` lies in, of whatever version; NULL: there is none. (Not by the names of
   one's own: where the shim is loaded twice, those are the first one's.) */
struct loader_calls loader_calls_find(const void *own);

#endif
