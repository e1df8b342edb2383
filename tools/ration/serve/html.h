/*
 * html.h: text from outside in HTML and in URLs.
 */
#ifndef RATION_TOOL_SERVE_HTML_H
#define RATION_TOOL_SERVE_HTML_H

#include <stdio.h>

/* As text, or as an attribute's value: any bytes. */
void html_text(FILE *to, const char *bytes);

/* As a value in a URL's query. */
void html_query(FILE *to, const char *bytes);

#endif
