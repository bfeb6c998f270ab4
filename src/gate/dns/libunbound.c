#include "gate/dns/libunbound.h"

#include "net/library.h"

static const struct library_symbol symbols[] = {
	{"ub_ctx_create_ub_event", offsetof(struct libunbound, create)},
	{"ub_ctx_delete", offsetof(struct libunbound, free)},
	{"ub_ctx_debugout", offsetof(struct libunbound, debug_out)},
	{"ub_ctx_set_option", offsetof(struct libunbound, set_option)},
	{"ub_ctx_set_stub", offsetof(struct libunbound, set_stub)},
	{"ub_ctx_config", offsetof(struct libunbound, config)},
	{"ub_resolve_event", offsetof(struct libunbound, resolve)},
};

int libunbound_open(struct libunbound *ret)
{
	return library_open("libunbound.so.8", symbols, sizeof(symbols) / sizeof(*symbols), ret);
}
