/* log_cisco.c - messages of Cisco's firewalls, ASA and FTD.
 *
 * What:    messages[] is the table: which of them say who went where. All others say nothing.
 * Source:  Cisco, "ASA Series Syslog Messages" and "Threat Defense Syslog Messages" (430001 to 430005). */
#include "audit/log_fields.h"
#include "audit/log_formats.h"

/* What follows a mark, up to one of `ends`. False: there is no mark. */
static bool set_after(struct view text, const char *mark, enum log_field field, const char *ends,
                      struct log_record *ret)
{
	struct view before, value;
	size_t size = 0;
	if (!log_cut(text, mark, &before, &value))
		return false;
	while (size < value.size && !strchr(ends, value.bytes[size]))
		size++;
	log_record_set(ret, field, view_of(value.bytes, size));
	return true;
}

/* outside:192.0.2.1/443 (192.0.2.1/443) (LOCAL\anna): an address, or the name that it was given. */
struct end {
	struct view host, user;
	uint64_t port;
};

static bool read_end(struct view text, struct end *ret)
{
	struct view address, word;
	*ret = (struct end){0};
	if (!log_word_next(&text, &word) || !memchr(word.bytes, ':', word.size))
		return false;
	(void)view_split(&word, ':');
	ret->host = view_split(&word, '/');
	for (size_t i = 0; i < word.size && word.bytes[i] >= '0' && word.bytes[i] <= '9'; i++)
		ret->port = ret->port * 10 + (word.bytes[i] - '0');
	while (log_word_next(&text, &address) && address.size > 2 && address.bytes[0] == '(') {
		if (!memchr(address.bytes, '/', address.size))
			ret->user = view_of(address.bytes + 1, address.size - 2);
	}
	return ret->host.size > 0;
}

static void set_ends(const struct end *client, const struct end *server, struct log_record *ret)
{
	struct address address;
	log_record_set(ret, LOG_CLIENT, client->host);
	log_record_set(ret, LOG_USER, client->user);
	log_record_set(ret,
	               log_address_parse(server->host, &address) == OK ? LOG_DESTINATION : LOG_HOST,
	               server->host);
}

static bool read_ends(struct view text, const char *first, const char *second,
                      struct end *ret_first, struct end *ret_second)
{
	struct view before, one, two;
	return log_cut(text, first, &before, &one) && log_cut(one, second, &before, &two) &&
	       read_end(before, ret_first) && read_end(two, ret_second);
}

/* Built outbound TCP connection 89 for outside:192.0.2.1/443 (...) to inside:10.0.0.5/51300 (...) */
static int parse_built(struct view text, struct log_record *ret)
{
	struct end far, near;
	if (!log_has(text, " outbound "))
		return LOG_SILENT;
	if (!read_ends(text, " for ", " to ", &far, &near))
		return ERR_MALFORMED;
	set_ends(&near, &far, ret);
	return OK;
}

/* Teardown TCP connection 89 for outside:192.0.2.1/443 to inside:10.0.0.5/51300 duration 0:00:03 bytes 5120 ...
 * It does not say who began, and bytes are those of both ways. */
static int parse_teardown(struct view text, struct log_record *ret)
{
	enum { PORT_OF_SERVERS = 1024 };
	struct end far, near;
	if (!read_ends(text, " for ", " to ", &far, &near))
		return ERR_MALFORMED;
	if (near.port < PORT_OF_SERVERS && far.port >= PORT_OF_SERVERS)
		return LOG_SILENT;
	set_ends(&near, &far, ret);
	(void)set_after(text, " bytes ", LOG_DOWN, " ", ret);
	return OK;
}

/* [user@]10.0.0.5 [(LOCAL\anna)] Accessed URL 192.0.2.1:http://host/path */
static int parse_accessed(struct view text, struct log_record *ret)
{
	struct view before, after, word, who = {0};
	if (!log_cut(text, " Accessed URL ", &before, &after))
		return ERR_MALFORMED;
	while (log_word_next(&before, &word)) {
		if (word.bytes[0] != '(')
			who = word;
		else if (word.size > 2)
			log_record_set(ret, LOG_USER, view_of(word.bytes + 1, word.size - 2));
	}
	const uint8_t *at = who.size ? memrchr(who.bytes, '@', who.size) : NULL;
	size_t user = at ? (size_t)(at - who.bytes) : 0;
	log_record_set(ret, LOG_USER, view_of(who.bytes, user));
	log_record_set(ret, LOG_CLIENT, at ? view_skip(who, user + 1) : who);
	log_record_set(ret, LOG_DESTINATION, view_split(&after, ':'));
	log_record_set(ret, LOG_URL, after);
	return OK;
}

/* Access denied URL http://host/path SRC 10.0.0.5 DEST 192.0.2.1 on interface inside */
static int parse_refused(struct view text, struct log_record *ret)
{
	bool is_whole = set_after(text, " SRC ", LOG_CLIENT, " ", ret) &&
	                set_after(text, " DEST ", LOG_DESTINATION, " ", ret) &&
	                set_after(text, " denied URL ", LOG_URL, " ", ret);
	return is_whole ? OK : ERR_MALFORMED;
}

/* Deny tcp src inside:10.0.0.5/51300(LOCAL\anna) dst outside:192.0.2.1/443 by access-group "a" */
static int parse_denied(struct view text, struct log_record *ret)
{
	struct end client, server;
	if (!read_ends(text, " src ", " dst ", &client, &server))
		return ERR_MALFORMED;
	set_ends(&client, &server, ret);
	return OK;
}

/* access-list a permitted tcp inside/10.0.0.5(51300) -> outside/192.0.2.1(443) hit-cnt 1 ... */
static int parse_list(struct view text, struct log_record *ret)
{
	struct view before, after, word, source = {0};
	if (!log_cut(text, " -> ", &before, &after))
		return ERR_MALFORMED;
	while (log_word_next(&before, &word)) {
		if (memchr(word.bytes, '/', word.size) && word.bytes[0] != '(')
			source = word;
	}
	(void)view_split(&source, '/');
	(void)view_split(&after, '/');
	log_record_set(ret, LOG_CLIENT, view_split(&source, '('));
	log_record_set(ret, LOG_DESTINATION, view_split(&after, '('));
	return ret->client.size && ret->destination.size ? OK : ERR_MALFORMED;
}

/* ... from inside:10.0.0.5/51300 (...) to outside:192.0.2.1/443 (...), destination 192.0.2.1 resolved from local
 * list: host */
static int parse_filtered(struct view text, struct log_record *ret)
{
	struct end client, server;
	if (!read_ends(text, " from ", " to ", &client, &server))
		return ERR_MALFORMED;
	set_ends(&client, &server, ret);
	if (!set_after(text, " list: ", LOG_HOST, ", ", ret))
		(void)set_after(text, "domain name ", LOG_HOST, ", ", ret);
	return OK;
}

/* SrcIP: 10.0.0.5, DstIP: 192.0.2.1, ... */
static int parse_event(struct view text, struct log_record *ret)
{
	static const struct {
		const char *mark;
		enum log_field field;
	} rows[] = {{"FirstPacketSecond: ", LOG_TIME},
	            {"SrcIP: ", LOG_CLIENT},
	            {"DstIP: ", LOG_DESTINATION},
	            {" User: ", LOG_USER},
	            {" URL: ", LOG_URL},
	            {"DNSQuery: ", LOG_HOST},
	            {"SSLServerName: ", LOG_HOST},
	            {"ReferencedHost: ", LOG_HOST},
	            {"InitiatorBytes: ", LOG_UP},
	            {"ResponderBytes: ", LOG_DOWN}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		(void)set_after(text, rows[i].mark, rows[i].field, ",", ret);
	if (view_is(ret->user, "No Authentication Required") || view_is(ret->user, "Not Found"))
		ret->user = (struct view){0};
	/* the resolver that was asked is no place that was visited */
	if (log_has(text, "DNSQuery: "))
		ret->destination = (struct view){0};
	return ret->client.size ? OK : ERR_MALFORMED;
}

static const struct message {
	const char *number;
	int (*parse)(struct view text, struct log_record *ret);
} messages[] = {{"304001", parse_accessed}, {"304002", parse_refused},
                {"302013", parse_built},    {"302014", parse_teardown},
                {"302015", parse_built},    {"302016", parse_teardown},
                {"106023", parse_denied},   {"106100", parse_list},
                {"338001", parse_filtered}, {"338002", parse_filtered},
                {"338003", parse_filtered}, {"338004", parse_filtered},
                {"338005", parse_filtered}, {"338006", parse_filtered},
                {"338007", parse_filtered}, {"338008", parse_filtered},
                {"430001", parse_event},    {"430002", parse_event},
                {"430003", parse_event},    {"430004", parse_event},
                {"430005", parse_event},    {0}};

/* In front of the message: <166>Jan 15 2026 10:00:00 host :, or of RFC 5424, or of ISO 8601. */
static void set_time(struct view when, struct log_record *ret)
{
	enum { STAMP_SIZE = 20 };
	if (when.size && when.bytes[0] == '<')
		(void)view_split(&when, '>');
	while (when.size && (when.bytes[0] == ':' || when.bytes[0] == ' '))
		when = view_skip(when, 1);
	log_syslog_time(when, ret);
	if (ret->at_us == TIME_MIN && when.size) {
		when.size = when.size < STAMP_SIZE ? when.size : STAMP_SIZE;
		log_record_set(ret, LOG_TIME, when);
	}
}

/* %ASA-6-302014: text, %FTD-6-430003: text; SFIMS: text of older sensors */
static int parse_asa(const struct log_kind *kind, struct log_state *state, struct view line,
                     struct log_record *ret)
{
	struct view when, text, number;
	(void)kind;
	(void)state;
	if (log_cut(line, " SFIMS: ", &when, &text)) {
		int code = parse_event(text, ret);
		set_time(when, ret);
		return code;
	}
	if (!log_cut(line, "%ASA-", &when, &text) && !log_cut(line, "%FTD-", &when, &text) &&
	    !log_cut(line, "%NGIPS-", &when, &text))
		return ERR_MALFORMED;
	(void)view_split(&text, '-');
	number = view_split(&text, ':');
	if (text.size == 0)
		return ERR_MALFORMED;
	for (const struct message *m = messages; m->number; m++) {
		if (!view_is(number, m->number))
			continue;
		int code = m->parse(text, ret);
		set_time(when, ret);
		return code;
	}
	return LOG_SILENT;
}

static const struct log_kind asa = {
	.dialect = {LINE_ENDS_PERCENT, true}, .parse = parse_asa, .sure = 95};
LOG_FORMAT(asa, asa)
