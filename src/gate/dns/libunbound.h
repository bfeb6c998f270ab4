/* libunbound.h - the functions of libunbound that we call, opened by the DNS gate only: see net/library.h. */
#pragma once

#include <unbound-event.h>
#include <unbound.h>

#include "base/err.h"

struct libunbound {
	__typeof__(ub_ctx_create_ub_event) *create;
	__typeof__(ub_ctx_delete) *free;
	__typeof__(ub_ctx_debugout) *debug_out;
	__typeof__(ub_ctx_set_option) *set_option;
	__typeof__(ub_ctx_set_stub) *set_stub;
	__typeof__(ub_ctx_config) *config;
	__typeof__(ub_resolve_event) *resolve;
};

/* Where it is open already nothing is read: so a sandbox may hide its file once it was called. ERR_MISSING,
 * ERR_VERSION: as library_open(). */
int libunbound_open(struct libunbound *ret) must_check;
