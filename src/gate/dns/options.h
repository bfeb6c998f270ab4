/* options.h - the DNS gate's part of the configuration file. */
#pragma once

#include <stdint.h>

#include "config/schema.h"
#include "gate/dns/server_options.h"
#include "gate/dns/stream_options.h"
#include "gate/dns/tap_options.h"
#include "gate/dns/upstream_options.h"
#include "refusal/block_options.h"

struct dns_cache_options {
	int64_t size; /* bytes, of all workers together */
	int64_t ttl_min_us, ttl_max_us, negative_ttl_max_us, failure_ttl_us;
	int64_t stale_max_us; /* 0: never */
	int64_t stale_wait_us;
	bool prefetch;
};

struct dns_rate_options {
	int64_t responses_per_second;
	int64_t slip;
	int64_t networks; /* remembered at a time */
	int64_t client_queries_per_second;
	int64_t misses_per_second;
};

/* Where datagrams are answered without the socket layer; xdp_mode_names[] in the same order. */
enum xdp_mode { XDP_OFF, XDP_AUTO, XDP_REQUIRED };
extern const char *const xdp_mode_names[];

struct dns_xdp_options {
	int mode;                      /* enum xdp_mode */
	struct schema_list interfaces; /* of names; none: those with an address of `listen` */
};

struct dns_options {
	struct schema_list listen; /* of struct endpoint */
	int64_t workers;           /* 0: as many as processors */
	bool cookies;
	const char *nsid;
	struct dns_block_options block;
	bool canaries;
	struct dns_cache_options cache;
	struct dns_rate_options rate;
	struct dns_tcp_options tcp;
	struct dns_server_options server;
	struct dns_tls_options tls;
	struct dns_https_options https;
	struct dns_proxy_options proxy;
	struct dns_upstream_options upstream;
	struct dnstap_options dnstap;
	struct query_log_options query_log;
	struct dns_xdp_options xdp;
	struct schema_list zones; /* of struct dns_zone_options */
	struct config_place place;
};

extern const struct schema dns_options_schema;
