/*
 * html.h: report --html: all that the web page shows of a subject, in one file with the page itself.
 */
#ifndef RATION_TOOL_REPORT_HTML_H
#define RATION_TOOL_REPORT_HTML_H

#include "report/wishes.h"
#include "subject/subject.h"

/* Writes wishes->html, whole or not at all. Returns 0, or what could not be read or written, with words. */
int html_write(const struct subject *subject, const struct wishes *wishes, struct fault *ret_fault);

#endif
