/*
 * post.h: one profile at a time, sent by HTTP to whom --push names.
 */
#ifndef RATION_TOOL_SERVE_POST_H
#define RATION_TOOL_SERVE_POST_H

#include "reader/fault.h"

struct parcel;
struct post;

/* Returns 0; -ERANGE: no URL of http or https; -ENOMEM; with words. */
int post_open(const char *url, struct post **ret_post, struct fault *ret_fault);
void post_close(struct post *post);

/* Returns 0; -EAGAIN: later it may be taken; -EPROTO: it is refused; with words. */
int post_send(struct post *post, const struct parcel *parcel, struct fault *ret_fault);

/* In whatever thread: what is being sent fails, and what is sent from now on. */
void post_interrupt(struct post *post);

#endif
