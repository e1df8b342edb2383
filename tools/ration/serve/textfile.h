/*
 * textfile.h: the metrics as a file for node_exporter's textfile collector.
 */
#ifndef RATION_TOOL_SERVE_TEXTFILE_H
#define RATION_TOOL_SERVE_TEXTFILE_H

#include "reader/fault.h"
#include "serve/serving.h"

#define TEXTFILE_NAME "ration.prom"

/* Writes it anew, whole or not at all. Returns 0 or -errno, with words. */
int textfile_write(const char *folder, struct serving *serving, struct fault *ret_fault);

#endif
