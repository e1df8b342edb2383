/*
 * thread_view.h: who allocates, the largest first.
 */
#ifndef RATION_TOOL_VIEW_THREAD_VIEW_H
#define RATION_TOOL_VIEW_THREAD_VIEW_H

#include "reader/thread_list.h"
#include "view/process_view.h"

/*
 * `by_thread` of an open object: of a struct thread_list, whatever is selected. Its sums are the process's totals. Text
 * ends with who the rest are.
 */
process_shower thread_view_table;

#endif
