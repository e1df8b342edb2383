/*
 * session_view.h: a session, and the rows of processes beside one another, in text and in JSON.
 */
#ifndef RATION_TOOL_SESSION_SESSION_VIEW_H
#define RATION_TOOL_SESSION_SESSION_VIEW_H

#include "session/session.h"
#include "view/emitter.h"

/* A session: its sum, its programs, its processes as a tree; an object of an open list of JSON. */
void session_view(struct emitter *emitter, const struct session *session);

/*
 * A row of `ration list`, in an open table, in text alone: pid, program, uptime, live, peak, threads, state, and the
 * session where `has_sessions`.
 */
void session_view_listed(struct emitter *emitter, const struct member *member, bool has_sessions);

#endif
