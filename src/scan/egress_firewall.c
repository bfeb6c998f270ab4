#include "scan/egress_firewall.h"

#include <jansson.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(json, json_t *, json_decref);

/* What a rule does, and to what of the traffic that leaves. */
enum effect { EFFECT_NONE, EFFECT_ACCEPT, EFFECT_DROP, EFFECT_OTHER };
enum reach { REACH_ALL, REACH_INSIDE, REACH_PART };

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static enum effect effect_of(const json_t *expression)
{
	static const struct {
		const char *key;
		enum effect effect;
	} rows[] = {
		{"accept", EFFECT_ACCEPT}, {"drop", EFFECT_DROP},  {"reject", EFFECT_DROP},
		{"jump", EFFECT_OTHER},    {"goto", EFFECT_OTHER}, {"return", EFFECT_OTHER},
		{"queue", EFFECT_OTHER},   {"vmap", EFFECT_OTHER}, {"tproxy", EFFECT_OTHER},
		{"dup", EFFECT_OTHER},     {"fwd", EFFECT_OTHER},  {"synproxy", EFFECT_OTHER},
		{"xt", EFFECT_OTHER},      {"dnat", EFFECT_OTHER}, {"redirect", EFFECT_OTHER},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (json_object_get(expression, rows[i].key))
			return rows[i].effect;
	}
	return EFFECT_NONE;
}

/* Of a connection that stands: as a word, or as nft -n prints it (NF_CT_STATE_BIT). */
static bool is_old_state(const json_t *state)
{
	enum { ESTABLISHED = 2, RELATED = 4 };
	const char *word = json_string_value(state);
	if (word)
		return strcmp(word, "established") == 0 || strcmp(word, "related") == 0;
	json_int_t bit = json_integer_value(state);
	return bit == ESTABLISHED || bit == RELATED || bit == (ESTABLISHED | RELATED);
}

static bool are_old_states(const json_t *states)
{
	const json_t *set = json_object_get(states, "set");
	const json_t *list = set ? set : states;
	const json_t *one;
	size_t i;
	if (!json_is_array(list))
		return is_old_state(list);
	json_array_foreach(list, i, one)
	{
		if (!is_old_state(one))
			return false;
	}
	return json_array_size(list) > 0;
}

static enum reach reach_of_meta(const char *key, const char *op, const json_t *right, uint32_t uid)
{
	bool is_equal = strcmp(op, "==") == 0 || strcmp(op, "in") == 0;
	if (strcmp(key, "oifname") == 0 || strcmp(key, "oif") == 0) {
		bool is_lo = json_is_string(right) && strcmp(json_string_value(right), "lo") == 0;
		if (is_lo)
			return is_equal                ? REACH_INSIDE
			       : strcmp(op, "!=") == 0 ? REACH_ALL
			                               : REACH_PART;
	}
	if (strcmp(key, "skuid") == 0 && strcmp(op, "==") == 0 && json_is_integer(right))
		return json_integer_value(right) == (json_int_t)uid ? REACH_ALL : REACH_INSIDE;
	return REACH_PART;
}

static enum reach reach_of_match(const json_t *match, uint32_t uid)
{
	const json_t *left = json_object_get(match, "left"),
		     *right = json_object_get(match, "right");
	const json_t *meta = json_object_get(left, "meta"), *ct = json_object_get(left, "ct");
	const char *op = text_of(match, "op");
	if (meta)
		return reach_of_meta(text_of(meta, "key"), op, right, uid);
	if (ct && strcmp(text_of(ct, "key"), "state") == 0 && strcmp(op, "!=") != 0 &&
	    are_old_states(right))
		return REACH_INSIDE;
	return REACH_PART;
}

/* What passes on every packet. Anything else, as a limit, a quota or an entry of a set, may end a rule before its
 * verdict. */
static bool is_for_all(const json_t *expression)
{
	static const char *const keys[] = {"accept", "drop",    "reject", "jump",
	                                   "goto",   "return",  "queue",  "counter",
	                                   "log",    "notrack", "mangle"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (json_object_get(expression, keys[i]))
			return true;
	}
	return false;
}

/* All of the traffic that leaves, none of it, or what cannot be said. */
static enum reach reach_of(const json_t *expressions, uint32_t uid)
{
	enum reach all = REACH_ALL;
	const json_t *e;
	size_t i;
	json_array_foreach(expressions, i, e)
	{
		const json_t *match = json_object_get(e, "match");
		enum reach own = match           ? reach_of_match(match, uid)
		                 : is_for_all(e) ? REACH_ALL
		                                 : REACH_PART;
		if (own == REACH_INSIDE)
			return REACH_INSIDE;
		if (own == REACH_PART)
			all = REACH_PART;
	}
	return all;
}

static enum effect effect_of_rule(const json_t *expressions)
{
	enum effect all = EFFECT_NONE;
	const json_t *e;
	size_t i;
	json_array_foreach(expressions, i, e)
	{
		enum effect own = effect_of(e);
		all = own > all ? own : all;
	}
	return all;
}

static bool is_rule_of(const json_t *rule, const json_t *chain)
{
	return strcmp(text_of(rule, "family"), text_of(chain, "family")) == 0 &&
	       strcmp(text_of(rule, "table"), text_of(chain, "table")) == 0 &&
	       strcmp(text_of(rule, "chain"), text_of(chain, "name")) == 0;
}

/* Who owns a table says nothing of what it does. */
static bool are_harmless(const json_t *flags)
{
	const json_t *one = flags;
	size_t i, count = json_is_array(flags) ? json_array_size(flags) : 1;
	for (i = 0; i < count; i++) {
		if (json_is_array(flags))
			one = json_array_get(flags, i);
		const char *word = json_string_value(one);
		if (!word || (strcmp(word, "owner") != 0 && strcmp(word, "persist") != 0))
			return false;
	}
	return true;
}

/* Whether the kernel follows its chains for sure: one that is dormant is there and does nothing. nft 1.0.6 prints a
 * word of its own for that flag. */
static bool is_table_active(const json_t *list, const json_t *chain)
{
	const json_t *row, *flags;
	size_t i;
	json_array_foreach(list, i, row)
	{
		const json_t *table = json_object_get(row, "table");
		if (table && strcmp(text_of(table, "family"), text_of(chain, "family")) == 0 &&
		    strcmp(text_of(table, "name"), text_of(chain, "table")) == 0)
			return !(flags = json_object_get(table, "flags")) || are_harmless(flags);
	}
	return true;
}

/* What a chain of a hook does to all that leaves. */
static enum egress_way way_of_chain(const json_t *list, const json_t *chain, uint32_t uid)
{
	bool may_pass = false, may_drop = false; /* by a rule for a part that is not known */
	const json_t *row;
	size_t i;
	json_array_foreach(list, i, row)
	{
		const json_t *rule = json_object_get(row, "rule");
		if (!rule || !is_rule_of(rule, chain))
			continue;
		const json_t *expressions = json_object_get(rule, "expr");
		enum effect effect = effect_of_rule(expressions);
		enum reach reach = reach_of(expressions, uid);
		if (effect == EFFECT_NONE || reach == REACH_INSIDE)
			continue;
		if (reach == REACH_ALL && effect == EFFECT_DROP)
			return may_pass ? EGRESS_UNKNOWN : EGRESS_CLOSED;
		if (reach == REACH_ALL && effect == EFFECT_ACCEPT)
			return may_drop ? EGRESS_UNKNOWN : EGRESS_OPEN;
		may_pass |= effect != EFFECT_DROP;
		may_drop |= effect != EFFECT_ACCEPT;
	}
	if (strcmp(text_of(chain, "policy"), "drop") == 0)
		return may_pass ? EGRESS_UNKNOWN : EGRESS_CLOSED;
	return may_drop ? EGRESS_UNKNOWN : EGRESS_OPEN;
}

static void stricter(enum egress_way *way, enum egress_way own)
{
	if (own > *way)
		*way = own;
}

static void take_chain(const json_t *list, const json_t *chain, uint32_t uid,
                       struct egress_firewall *f)
{
	const char *hook = text_of(chain, "hook"), *family = text_of(chain, "family");
	bool is_output = strcmp(hook, "output") == 0 || strcmp(hook, "postrouting") == 0;
	bool is_forward = strcmp(hook, "forward") == 0 || strcmp(hook, "postrouting") == 0;
	bool is_ip4 = strcmp(family, "ip") == 0 || strcmp(family, "inet") == 0;
	bool is_ip6 = strcmp(family, "ip6") == 0 || strcmp(family, "inet") == 0;
	/* what changes addresses or routes says nothing of whether packets go out */
	if ((!is_output && !is_forward) || strcmp(text_of(chain, "type"), "filter") != 0)
		return;
	enum egress_way way = way_of_chain(list, chain, uid);
	if (way == EGRESS_CLOSED && !is_table_active(list, chain))
		way = EGRESS_UNKNOWN;
	if (is_output && is_ip4)
		stricter(&f->ip4, way);
	if (is_output && is_ip6)
		stricter(&f->ip6, way);
	if (is_forward && is_ip4)
		stricter(&f->forward4, way);
	if (is_forward && is_ip6)
		stricter(&f->forward6, way);
}

int egress_firewall_read(struct view json, uint32_t uid, struct egress_firewall *ret)
{
	struct egress_firewall f = {0};
	const json_t *row;
	size_t i;
	cleanup(json) json_t *root = json_loadb((const char *)json.bytes, json.size, 0, NULL);
	const json_t *list = json_object_get(root, "nftables");
	if (!json_is_array(list))
		return ERR_MALFORMED;
	if (json_array_size(list) > EGRESS_RULES_MAX)
		return ERR_LIMIT;
	json_array_foreach(list, i, row)
	{
		const json_t *chain = json_object_get(row, "chain");
		if (chain)
			take_chain(list, chain, uid, &f);
	}
	*ret = f;
	return OK;
}
