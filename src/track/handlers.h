/*
 * handlers.h: functions of the program that free memory under pressure: registering and running them.
 *
 * A handler is run by the worker (deferred), by the program at a point of its own (polled), or in the thread that is
 * about to be refused (synchronous). No lock of the shim's is held meanwhile, and a handler is never run twice at the
 * same time. Those that qualify are run in ascending priority, and in order of registration where that is equal, each
 * only if the level that called for it still stands.
 *
 * What a handler claims is held against what its thread freed in the category meanwhile. For that, and so that it can
 * use reserves, the thread is off the fast path while it runs one.
 */
#ifndef RATION_TRACK_HANDLERS_H
#define RATION_TRACK_HANDLERS_H

#include <ration/ration.h>
#include <stdint.h>

#include "track/charging.h"

/* The handler that a thread runs, on its stack. */
struct handling {
  uint32_t slot;
  uint32_t category;
  uint32_t has_left; /* it has unregistered itself */
  uint32_t is_child; /* it has forked, and this is the child */
  uint64_t freed;
};

/* Why a budget is due. */
enum handlers_reason {
  HANDLERS_RISEN, /* at once */
  HANDLERS_GROWN, /* a level stands, and used has grown by 1 % of the limit: at most every 100 ms */
};

/* See ration_pressure_register and _unregister. Handles are above 0. */
int handlers_register(const struct ration_handler *handler);
int handlers_unregister(int handle);

/* A budget is at a level that some may want to know about. In-malloc: at most a futex is woken. */
void handlers_note_due(uint32_t category, enum handlers_reason reason);

/* Runs the polled or the deferred ones that are due. Returns how many were run. */
int handlers_run_due(uint32_t dispatch);

/* Milliseconds until one that is due may be run; -1: none is due. */
int handlers_wait_ms(uint32_t dispatch);

/* Those that opted in, for a demand that this budget would refuse. Returns how many were run. */
int handlers_run_before_refusal(uint32_t budget, struct demand demand);

/* The thread has freed bytes while it runs a handler. */
void handlers_note_freed(uint32_t category, uint64_t bytes);

/* From now on none is run, but what is due is kept; or: as before. */
void handlers_suppress(int is_suppressed);

/* In a forked child: none is registered. */
void handlers_forget(void);

#endif
