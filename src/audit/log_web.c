/* log_web.c - what proxies and web servers write: Squid's two forms, nginx and Apache, W3C extended.
 *
 * Source: Squid, "logformat" (squid, common, combined); Apache HTTP Server, "Log Files"; nginx, "log_format";
 *         W3C, "Extended Log File Format". */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

static int set_words(struct view line, const uint8_t *fields, size_t count, struct log_record *ret)
{
	struct view words[16];
	size_t found = log_words(line, words, 16);
	if (found < count)
		return ERR_MALFORMED;
	for (size_t i = 0; i < count; i++)
		log_record_set(ret, fields[i], words[i]);
	return OK;
}

static bool has_slash(struct view v)
{
	return v.size && memchr(v.bytes, '/', v.size);
}

static int parse_squid(const struct log_kind *kind, struct log_state *state, struct view line,
                       struct log_record *ret)
{
	static const uint8_t fields[] = {LOG_TIME, LOG_NOTHING, LOG_CLIENT, LOG_NOTHING,
	                                 LOG_DOWN, LOG_NOTHING, LOG_URL,    LOG_USER,
	                                 LOG_PEER, LOG_NOTHING};
	struct view words[10];
	(void)kind;
	(void)state;
	line = log_syslog_text(line);
	if (log_words(line, words, 10) < 10 || !has_slash(words[3]) || !has_slash(words[8]))
		return ERR_MALFORMED;
	int code = set_words(line, fields, sizeof(fields), ret);
	return code == OK && ret->at_us == TIME_MIN ? ERR_MALFORMED : code;
}

/* [vhost] client ident user: nobody asks for ident any more, so that its `-` tells where the client is. A user's name is
 * as it was sent, perhaps with blanks. */
static int parse_who(struct view who, struct log_record *ret)
{
	struct view words[5], user;
	size_t count = log_words(who, words, 5), client = 0;
	if (count > 3 && !view_is(words[1], "-"))
		client = 1;
	bool has_blanks = count > client + 3;
	if (count < client + 3 || (has_blanks && !view_is(words[client + 1], "-")))
		return ERR_MALFORMED;
	user = words[client + 2];
	if (has_blanks)
		user.size = (size_t)(who.bytes + who.size - user.bytes);
	log_record_set(ret, LOG_CLIENT, words[client]);
	log_record_set(ret, LOG_USER, user);
	if (client)
		log_record_set(ret, LOG_HOST, words[0]);
	return OK;
}

/* [vhost] client ident user [time] "request" status bytes ... */
static int parse_combined(const struct log_kind *kind, struct log_state *state, struct view line,
                          struct log_record *ret)
{
	static const uint8_t fields[] = {LOG_TIME, LOG_REQUEST, LOG_NOTHING, LOG_DOWN};
	struct view who, after;
	(void)kind;
	(void)state;
	line = log_syslog_text(line);
	if (!log_cut(line, " [", &who, &after))
		return ERR_MALFORMED;
	int code = parse_who(who, ret);
	if (code == OK)
		code = set_words(view_skip(line, who.size), fields, sizeof(fields), ret);
	return code == OK && ret->at_us == TIME_MIN ? ERR_MALFORMED : code;
}

/* The same with what Squid did behind it. */
static int parse_squid_common(const struct log_kind *kind, struct log_state *state,
                              struct view line, struct log_record *ret)
{
	struct view rest = line, word, last = {0};
	while (log_word_next(&rest, &word))
		last = word;
	if (last.size < 5 || !memchr(last.bytes, ':', last.size) ||
	    (memcmp(last.bytes, "TCP_", 4) != 0 && memcmp(last.bytes, "UDP_", 4) != 0 &&
	     memcmp(last.bytes, "NONE", 4) != 0))
		return ERR_MALFORMED;
	return parse_combined(kind, state, line, ret);
}

static const struct log_key w3c_keys[] = {{"date", LOG_DATE},        {"time", LOG_CLOCK},
                                          {"timestamp", LOG_TIME},   {"x-timestamp", LOG_TIME},
                                          {"c-ip", LOG_CLIENT},      {"cs-username", LOG_USER},
                                          {"cs-host", LOG_HOST},     {"cs(host)", LOG_HOST},
                                          {"cs-uri", LOG_URL},       {"cs-url", LOG_URL},
                                          {"c-uri", LOG_URL},        {"cs-uri-host", LOG_HOST},
                                          {"cs-uri-stem", LOG_PATH}, {"cs-uri-path", LOG_PATH},
                                          {"s-ip", LOG_NOTHING},     {"r-ip", LOG_DESTINATION},
                                          {"r-host", LOG_HOST},      {"cs-bytes", LOG_UP},
                                          {"sc-bytes", LOG_DOWN},    {0}};
static const char *const w3c_needs[] = {"c-ip", NULL};

static const struct log_kind squid = {
	.dialect = {LINE_ENDS_PERCENT, true}, .parse = parse_squid, .sure = 90};
static const struct log_kind squid_common = {
	.dialect = {LINE_ENDS_PERCENT, true}, .parse = parse_squid_common, .sure = 85};
static const struct log_kind combined = {
	.dialect = {LINE_ENDS_PERCENT, true}, .parse = parse_combined, .sure = 80};
static const struct log_kind w3c = {.dialect = {LINE_ENDS_HASH | LINE_ENDS_PERCENT, true},
                                    .keys = w3c_keys,
                                    .parse = log_table_parse,
                                    .sure = 90,
                                    .needs = w3c_needs,
                                    .separator = ' '};
LOG_FORMAT(squid, squid)
LOG_FORMAT(squid_common, squid_common)
LOG_FORMAT(combined, combined)
LOG_FORMAT(w3c, w3c)
