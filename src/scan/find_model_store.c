/* Stores of models say in their paths which one is kept there. */
#include <stdio.h>

#include "scan/find_model.h"
#include "scan/meet.h"
#include "scan/text.h"

enum form {
	FORM_HUB,        /* models--ORG--NAME */
	FORM_FOLDERS,    /* ORG/NAME */
	FORM_UNDERSCORE, /* ORG_NAME */
};

/* What stands before a model's name in a path. */
static const struct store {
	const char *begin;
	enum form form;
} stores[] = {
	{"/models--", FORM_HUB},
	{"/.lmstudio/models/", FORM_FOLDERS},
	{"/.cache/lm-studio/models/", FORM_FOLDERS},
	{"/modelscope/hub/models/", FORM_FOLDERS},
	{"/modelscope/hub/", FORM_FOLDERS},
	{"/text-generation-webui/user_data/models/", FORM_UNDERSCORE},
	{"/text-generation-webui/models/", FORM_UNDERSCORE},
	{"/.cache/llama.cpp/", FORM_UNDERSCORE},
};

/* ORG/NAME in one text; false when it is none. */
static bool name_of(enum form form, const char *rest, char *to, size_t room)
{
	int size = snprintf(to, room, "%s", rest);
	if (size <= 0 || (size_t)size >= room)
		return false;
	char *at = NULL;
	if (form == FORM_HUB) {
		at = strstr(to, "--");
		if (at)
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
	} else {
		at = strchr(to, form == FORM_FOLDERS ? '/' : '_');
	}
	if (!at || at == to || !at[1])
		return false;
	*at = '/';
	return true;
}

void find_model_folder(struct scan *s, struct scan_file *f)
{
	char name[SCAN_TEXT_MAX];
	for (size_t i = 0; i < sizeof(stores) / sizeof(*stores); i++) {
		const char *at = strstr(f->path, stores[i].begin);
		if (!at)
			continue;
		if (name_of(stores[i].form, at + strlen(stores[i].begin), name, sizeof(name)))
			(void)scan_meet_model(s, f, view_text(name), SCAN_MODEL_NAMED);
		return;
	}
}

/* OWNER/NAME: whoever made it, it is called as what it was made of. */
static void meet_of_user(struct scan *s, const struct scan_file *f, struct view id)
{
	(void)view_split(&id, '/');
	(void)scan_meet_model(s, f, id, SCAN_MODEL_NAMED);
}

/* .../manifests/REGISTRY/NAMESPACE/NAME/TAG */
void find_ollama(struct scan *s, struct scan_file *f)
{
	static const char begin[] = "/manifests/";
	char id[SCAN_TEXT_MAX];
	const char *at = strstr(f->path, begin);
	if (!at)
		return;
	struct view rest = view_text(at + strlen(begin));
	struct view registry = view_split(&rest, '/'), owner = view_split(&rest, '/');
	struct view name = view_split(&rest, '/');
	if (rest.size == 0 || registry.size == 0 || memchr(rest.bytes, '/', rest.size))
		return;
	bool is_library = view_is(owner, "library");
	(void)snprintf(id, sizeof(id), VIEW_FMT "%s" VIEW_FMT ":" VIEW_FMT,
	               is_library ? 0 : (int)owner.size, (const char *)owner.bytes,
	               is_library ? "" : "/", VIEW_ARG(name), VIEW_ARG(rest));
	if (!scan_meet_model(s, f, view_text(id), SCAN_MODEL_NAMED) && !is_library)
		meet_of_user(s, f, view_text(id));
}

/* `FROM NAME:TAG`, also of another store, as hf.co/OWNER/NAME; or a file. */
static void meet_base(struct scan *s, const struct scan_file *f, struct view name)
{
	static const char *const hubs[] = {"hf.co/", "huggingface.co/"};
	for (size_t i = 0; i < sizeof(hubs) / sizeof(*hubs); i++) {
		if (view_starts_with(name, view_text(hubs[i])))
			name = view_skip(name, strlen(hubs[i]));
	}
	if (!scan_meet_model(s, f, name, SCAN_MODEL_NAMED) && name.size &&
	    !strchr("./~", name.bytes[0]))
		meet_of_user(s, f, name);
}

void find_modelfile(struct scan *s, struct scan_file *f)
{
	struct view rest = f->bytes, line;
	for (f->line = 1; scan_text_line(&rest, &line); f->line++) {
		struct view value = view_trim(line), word = view_split(&value, ' ');
		if (view_is_nocase(word, "FROM"))
			meet_base(s, f, view_trim(value));
	}
	scan_text(s, f);
}
