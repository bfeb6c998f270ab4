/* event_loop.h - lends a libuv loop to libunbound, so that its answers arrive in the worker's own thread.
 *
 * What:    libunbound's "pluggable" event base. Its descriptors wait in one epoll set, which is one handle
 *          of the loop; its timers are timers of the loop.
 * Owns:    the events that libunbound made and has not freed yet free themselves with the loop's closing:
 *          run the loop once more after event_loop_close().
 * Source:  unbound-event.h. */
#pragma once

#include <uv.h>

#include "base/endpoint.h"
#include "base/err.h"

struct ub_event_base;
struct event_loop;

/* -errno, or libuv's error, which is one as well. */
int event_loop_open(uv_loop_t *loop, struct event_loop **ret) must_check;
struct ub_event_base *event_loop_base(struct event_loop *e);
/* Whether one of its descriptors is the TCP connection from the one to the other: nobody else can have it. */
bool event_loop_has_connection(const struct event_loop *e, const struct endpoint *from,
                               const struct endpoint *to);
/* Frees `e` when the loop runs next. libunbound's context is gone before. */
void event_loop_close(struct event_loop *e);
