#include "policy/explanation_json.h"

#include "policy/vocabulary.h"

static void json_lines(struct json_writer *j, const char *key, const char *text)
{
	struct view rest = view_text(text);
	json_array_begin(j, key);
	while (rest.size)
		json_view(j, NULL, view_split(&rest, '\n'));
	json_array_end(j);
}

static void json_identifier(const struct policy *p, uint32_t identifier, struct json_writer *j)
{
	const struct image_identifier *i = policy_identifier(p, identifier);
	json_object_begin(j, "identifier");
	json_text(j, "id", policy_text(p, i->id));
	json_text(j, "product", policy_text(p, policy_product(p, i->product)->id));
	json_text(j, "kind", identifier_kinds[i->kind].name);
	json_text(j, "value", policy_text(p, i->value));
	json_text(j, "match", match_names[i->match]);
	json_text(j, "role", role_names[i->role]);
	json_text(j, "confidence", confidence_names[i->confidence]);
	json_bool(j, "canary", i->is_canary);
	json_array_begin(j, "facets");
	for (unsigned f = 0; f < FACET_COUNT; f++) {
		if (i->facets >> f & 1)
			json_text(j, NULL, facet_names[f]);
	}
	json_array_end(j);
	json_lines(j, "sources", policy_text(p, i->source));
	json_object_end(j);
}

static void json_rule(const struct policy *p, uint32_t index, struct json_writer *j)
{
	const struct image_rule *rule = policy_rule(p, index);
	const struct image_order *order = policy_order(p, rule->order);
	const struct image_obligation *o = policy_obligation(p, rule->obligation);
	json_text(j, "order", policy_text(p, order->id));
	json_object_begin(j, "obligation");
	json_int(j, "id", o->number);
	json_text(j, "force", force_names[o->force]);
	json_text(j, "verb", verbs[o->verb].name);
	json_text(j, "text", policy_text(p, o->text));
	json_text(j, "clause", policy_text(p, o->clause));
	json_text(j, "source", policy_text(p, o->source));
	json_object_end(j);
	json_text(j, "adoption", policy_text(p, rule->adoption));
	json_bool(j, "voluntary", rule->voluntary);
	json_text(j, "condition", policy_text(p, rule->condition));
	json_array_begin(j, "windows");
	for (uint32_t i = 0; i < rule->windows_count; i++)
		json_text(j, NULL, policy_text(p, policy_window(p, rule->windows_first + i)->text));
	json_array_end(j);
}

static void json_answer(const struct policy *p, const struct image_answer *a, struct json_writer *j)
{
	char text[ADDRESS_TEXT_SIZE];
	json_object_begin(j, "answer");
	json_text(j, "form", a->alias ? "cname" : block_form_names[a->form]);
	json_text(j, "cname", policy_text(p, a->alias));
	json_array_begin(j, "addresses");
	for (uint32_t i = 0; i < a->addresses_count; i++) {
		struct address address = policy_answer_address(p, a, i);
		json_text(j, NULL, address_print(&address, text));
	}
	json_array_end(j);
	json_object_end(j);
}

static void json_step(const struct policy *p, const struct explanation_step *s,
                      struct json_writer *j)
{
	json_object_begin(j, NULL);
	json_text(j, "verdict", verdict_action_names[s->action]);
	json_text(j, "reason", reason_name(s->reason));
	json_identifier(p, s->identifier, j);
	if (s->rule != NONE)
		json_rule(p, s->rule, j);
	if (s->exemption != NONE)
		json_text(j, "exemption", policy_text(p, policy_exemption(p, s->exemption)->id));
	json_bool(j, "decides", s->decides);
	json_bool(j, "gives_way", s->gives_way);
	json_object_end(j);
}

void explanation_json(const struct policy *p, const struct explanation *x, uint32_t place,
                      struct json_writer *j)
{
	const struct verdict *v = &x->verdict;
	const struct image_answer *answer = explanation_answer(p, x, place);
	json_text(j, "verdict", verdict_action_names[v->action]);
	json_text(j, "reason", reason_name(v->reason));
	json_text(j, "reason_text", reason_text(v->reason));
	if (v->identifier != NONE)
		json_identifier(p, v->identifier, j);
	if (v->rule != NONE)
		json_rule(p, v->rule, j);
	if (v->exemption != NONE)
		json_text(j, "exemption", policy_text(p, policy_exemption(p, v->exemption)->id));
	if (v->action == VERDICT_BLOCK && answer)
		json_answer(p, answer, j);
	json_lines(j, "alternatives",
	           v->action == VERDICT_BLOCK ? policy_text(p, policy_organisation(p)->alternatives)
	                                      : "");
	json_array_begin(j, "steps");
	for (size_t i = 0; i < x->count; i++)
		json_step(p, &x->steps[i], j);
	json_array_end(j);
}
