/*
 * signal_watch.h: a signal handler of the shim's: only where the user asked for one.
 */
#ifndef RATION_OS_SIGNAL_WATCH_H
#define RATION_OS_SIGNAL_WATCH_H

/*
 * From now on, and until the program sets a handler of its own, `on_signal` is called at that signal, on the alternate
 * stack if the thread has one; calls that it interrupts are restarted. Returns 0 or -errno.
 */
int signal_watch(int number, void (*on_signal)(int number));

#endif
