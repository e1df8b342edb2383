/*
 * report.h: the options `report` and `report-signal`: a copy of the segment in a file that the user names, written at
 * exit and at each such signal, for `ration report FILE`.
 */
#ifndef RATION_TRACK_REPORT_H
#define RATION_TRACK_REPORT_H

/*
 * At start: the path, if it is none from the root, is one from the folder of now. report_watch installs the handler of
 * the signal, if one is asked for: in the constructor, where the program has none yet.
 */
void report_prepare(void);
void report_watch(void);

/* At exit. What cannot be written is not: there is nobody to tell. */
void report_at_exit(void);

#endif
