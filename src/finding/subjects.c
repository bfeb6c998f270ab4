#include "finding/subjects.h"

#include <stdio.h>

const char *const subjects_mode_names[] = {
	[SUBJECTS_RUN] = "run",
	[SUBJECTS_INSTALLATION] = "installation",
	[SUBJECTS_PLAIN] = "plain",
	[SUBJECTS_MODES] = NULL,
};

void subjects_init(struct subjects *s, bool is_plain)
{
	*s = (struct subjects){.mode = is_plain ? SUBJECTS_PLAIN : SUBJECTS_RUN};
	pseudonym_key_draw(&s->key);
}

int subjects_open(struct subjects *s, const char *directory, const char *period)
{
	struct pseudonym_key key;
	int code = pseudonym_key_read(directory, period, &key);
	if (code < 0)
		return code;
	*s = (struct subjects){.mode = SUBJECTS_INSTALLATION, .key = key};
	memcpy(s->period, period, PSEUDONYM_PERIOD_SIZE);
	pseudonym_key_done(&key);
	return OK;
}

void subjects_done(struct subjects *s)
{
	pseudonym_key_done(&s->key);
}

bool subjects_has(const struct finding *f)
{
	return f->user.size || f->client.size;
}

static void escape(struct view from, char *text)
{
	for (size_t i = 0; i < from.size; i++) {
		uint8_t c = from.bytes[i];
		if (c < ' ' || c == 0x7f)
			text += sprintf(text, "\\x%02x", c);
		else
			*text++ = (char)c;
	}
	*text = '\0';
}

const char *subjects_name(const struct subjects *s, const struct finding *f,
                          char text[static SUBJECT_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];
	struct view who = f->user;
	text[0] = '\0';
	if (!subjects_has(f))
		return text;
	if (who.size == 0)
		who = view_text(address_print(&f->client, address));
	if (s->mode != SUBJECTS_PLAIN)
		return pseudonym_make(&s->key, who, text);
	escape(who, text);
	return text;
}
