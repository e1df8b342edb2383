/*
 * stand_in.c: stands where the shim does in the runs without it, so that the loader has as many libraries to
 * keep, one of them with a thread-local variable, and LD_PRELOAD is as long.
 */
__thread char stand_in[128];
