/*
 * shim.h: option strings as the shim reads them.
 */
#ifndef RATION_FUZZ_SHIM_H
#define RATION_FUZZ_SHIM_H

/* Whatever it holds. */
void shim_reads(const char *options);

/* What the tool has found right: ends the program if the shim does not understand all of it. */
void shim_takes(const char *options);

/* A change of a running process. */
void shim_changes(const char *options);

#endif
