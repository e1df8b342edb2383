/*
 * tree.h: who started whom: the processes of a session, each behind its parent.
 */
#ifndef RATION_TOOL_SESSION_TREE_H
#define RATION_TOOL_SESSION_TREE_H

#include "session/session.h"

/*
 * Takes the processes by pid namespace, pid and start; puts them in order, and says of each its parent and depth. Returns
 * 0 or -ENOMEM.
 *
 * The parent is the process that had that pid when the child started: pids are given again. What a segment says of its
 * parent may be false: a circle is cut where it is met.
 */
int tree_arrange(struct session *session);

#endif
