#include "finding/subjects.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

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
	char path[4096];
	uint8_t key[PSEUDONYM_KEY_SIZE];
	if (strlen(period) >= PSEUDONYM_PERIOD_SIZE || strchr(period, '/') ||
	    snprintf(path, sizeof(path), "%s/%s", directory, period) >= (int)sizeof(path))
		return ERR_MALFORMED;
	cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? ERR_MISSING : -errno;
	if (read(fd, key, sizeof(key)) != sizeof(key))
		return ERR_MISSING;
	*s = (struct subjects){.mode = SUBJECTS_INSTALLATION};
	memcpy(s->period, period, strlen(period) + 1);
	pseudonym_key_init(&s->key, key);
	sodium_memzero(key, sizeof(key));
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
